//! What a sede works with, whatever is taken: hours, vets, rooms, equipment, services. Remembered by this process until
//! anything of it changes.
use crate::model::{Agenda, Bloqueado, Excepcion, Oferta, TramoMedico, TramoSemanal, TurnoDeMedico};
use jiff::{
    Timestamp, ToSpan,
    civil::Date,
    tz::{Offset, TimeZone},
};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, EquipoId, SedeId, ServicioId, TenantId, UsuarioId},
};
use moka::sync::Cache;
use serde::Deserialize;
use sqlx::types::Json;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How far back it is remembered. What comes later is all in it.
const DIAS_ATRAS: i64 = 7;
/// Sedes, some kilobytes each without what those of a chain share: fewer than one instance serves would be read again and again.
const RECORDADOS: u64 = 10_000;
/// Chains.
const CADENAS: u64 = 5_000;

#[derive(Debug)]
pub struct Marco {
    /// Of the chain's agendas when this was read; `None` inside a transaction that changed something of them.
    pub version: Option<i64>,
    /// Nothing that was over before this day is in it.
    desde: Date,
    pub activa: bool,
    /// From `desde` on.
    pub agenda: Arc<Agenda>,
    /// Active ones, by name.
    ambientes: Vec<Ambiente>,
    /// Active ones, by name.
    equipos: Vec<Pieza>,
    cadena: Arc<DeLaCadena>,
}

/// What all sedes of a chain work with, kept once for all of them.
#[derive(Debug)]
struct DeLaCadena {
    /// As of the [`Marco`].
    version: Option<i64>,
    /// Active ones.
    medicos: Vec<UsuarioId>,
    servicios: HashMap<ServicioId, Servicio>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Servicio {
    #[serde(flatten)]
    pub oferta: Oferta,
    pub activo: bool,
    /// Vets who give it; `None` = all.
    pub medicos: Option<Vec<UsuarioId>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Ambiente {
    id: AmbienteId,
    tipo: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Pieza {
    pub id: EquipoId,
    pub tipo: String,
}

impl Marco {
    pub fn servicio(&self, id: ServicioId) -> Option<&Servicio> {
        self.cadena.servicios.get(&id)
    }

    /// Active ones of the chain.
    pub fn medicos(&self) -> &[UsuarioId] {
        &self.cadena.medicos
    }

    /// Rooms of the kind that a service needs; of one vet, beginning with another room for every vet of the sede, so that
    /// a vet tends to stay in a room and two who are booked at once do not want the same.
    pub fn ambientes(&self, oferta: &Oferta, medico: Option<UsuarioId>) -> Vec<AmbienteId> {
        let of_kind = self.ambientes.iter().filter(|ambiente| Some(&ambiente.tipo) == oferta.ambiente_tipo.as_ref());
        let mut ids: Vec<AmbienteId> = of_kind.map(|ambiente| ambiente.id).collect();
        if let Some(medico) = medico.filter(|_| ids.len() > 1) {
            let mut before: Vec<UsuarioId> = self.agenda.planes.iter().map(|plan| plan.medico_id).filter(|id| *id < medico).collect();
            before.sort_unstable();
            before.dedup();
            let first = before.len() % ids.len();
            ids.rotate_left(first);
        }
        ids
    }

    /// Pieces of the kinds that a service needs.
    pub fn equipos(&self, oferta: &Oferta) -> Vec<Pieza> {
        self.equipos.iter().filter(|pieza| oferta.equipos_tipos.contains(&pieza.tipo)).cloned().collect()
    }

    /// Whether it knows of a whole day in every zone, and of the one before.
    fn alcanza(&self, fecha: Date) -> bool {
        self.desde <= fecha.saturating_sub(2.days())
    }
}

/// Of all chains.
pub struct Marcos {
    cache: Cache<(TenantId, SedeId), Arc<Marco>>,
    cadenas: Cache<TenantId, Arc<DeLaCadena>>,
    known: AtomicU64,
    read: AtomicU64,
}

impl Default for Marcos {
    fn default() -> Self {
        Self { cache: Cache::new(RECORDADOS), cadenas: Cache::new(CADENAS), known: AtomicU64::new(0), read: AtomicU64::new(0) }
    }
}

impl Marcos {
    /// How often a sede was known, and how often it had to be read.
    pub fn remembered(&self) -> (u64, u64) {
        (self.known.load(Ordering::Relaxed), self.read.load(Ordering::Relaxed))
    }

    /// The one that is kept of this chain and version; a version stands for exactly one content.
    fn compartida(&self, tenant: TenantId, leida: DeLaCadena) -> Arc<DeLaCadena> {
        let known = self.cadenas.get(&tenant).filter(|known| leida.version.is_some() && known.version == leida.version);
        known.unwrap_or_else(|| {
            let leida = Arc::new(leida);
            if leida.version.is_some() {
                self.cadenas.insert(tenant, leida.clone());
            }
            leida
        })
    }
}

/// What this process remembers of a sede, maybe of an older version.
pub fn recordado(tx: &Tx, sede: SedeId, inicio: Timestamp) -> Option<Arc<Marco>> {
    if !tx.who().sedes.contains(sede) {
        return None;
    }
    tx.memory::<Marcos>().cache.get(&(tx.who().tenant, sede)).filter(|marco| marco.alcanza(day(inicio)))
}

/// To be called when what was remembered turned out to be of now.
pub fn was_known(tx: &Tx) {
    tx.memory::<Marcos>().known.fetch_add(1, Ordering::Relaxed);
}

/// Of one sede as it is now; `None` if the caller sees none.
pub async fn marco(tx: &mut Tx, sede: SedeId, inicio: Timestamp) -> Result<Option<Arc<Marco>>, Problem> {
    Ok(leer(tx, &[sede], day(inicio)).await?.pop())
}

/// Of the active sedes among `sedes` (of all that the caller sees if `None`), by name.
pub async fn marcos(tx: &mut Tx, sedes: Option<&[SedeId]>, desde: Date) -> Result<Vec<Arc<Marco>>, Problem> {
    let asked = sqlx::query!(
        r#"select s.id as "id!", (select v.version from v_version_agenda v) as version
             from v_sedes s where s.activa and sede_visible(s.id) and (s.id = any ($1) or $1 is null) order by s.nombre"#,
        sedes as Option<&[SedeId]>,
    )
    .fetch_all(&mut **tx)
    .await?;
    let (tenant, memory) = (tx.who().tenant, tx.memory::<Marcos>());
    let current = |sede: SedeId, version: Option<i64>| {
        memory.cache.get(&(tenant, sede)).filter(|marco| version.is_some() && marco.version == version && marco.alcanza(desde))
    };
    let mut known: HashMap<SedeId, Arc<Marco>> =
        asked.iter().filter_map(|row| Some((SedeId(row.id), current(SedeId(row.id), row.version)?))).collect();
    memory.known.fetch_add(known.len() as u64, Ordering::Relaxed);
    let missing: Vec<SedeId> = asked.iter().map(|row| SedeId(row.id)).filter(|sede| !known.contains_key(sede)).collect();
    if !missing.is_empty() {
        known.extend(leer(tx, &missing, desde).await?.into_iter().map(|marco| (marco.agenda.sede_id, marco)));
    }
    Ok(asked.into_iter().filter_map(|row| known.remove(&SedeId(row.id))).collect())
}

fn day(inicio: Timestamp) -> Date {
    Offset::UTC.to_datetime(inicio).date()
}

/// Reads and remembers. In one statement, so that the version is of what is read with it.
async fn leer(tx: &mut Tx, sedes: &[SedeId], fecha: Date) -> Result<Vec<Arc<Marco>>, Problem> {
    let usual = day(tx.now()).saturating_sub(DIAS_ATRAS.days());
    let desde = usual.min(fecha.saturating_sub(2.days()));
    let filas = sqlx::query!(
        r#"select s.id as "id!", s.zona_horaria as "zona_horaria!", s.activa as "activa!", s.atiende_feriados as "atiende_feriados!",
                  (select v.version from v_version_agenda v) as version,
                  array(select f.fecha from v_feriados_agenda f where f.fecha >= $2 and starts_with(coalesce(s.ubigeo, ''), f.ambito)) as "feriados!: Vec<jiff_sqlx::Date>",
                  (select coalesce(json_agg(json_build_object('dia', h.dia, 'desde', h.desde, 'hasta', h.hasta)), '[]')
                     from horarios_sede h where h.sede_id = s.id) as "horarios!: Json<Vec<TramoSemanal>>",
                  (select coalesce(json_agg(json_build_object('medico_id', p.medico_id, 'dia', p.dia, 'desde', p.desde, 'hasta', p.hasta)), '[]')
                     from planes_medicos p where p.sede_id = s.id) as "planes!: Json<Vec<TramoMedico>>",
                  (select coalesce(json_agg(json_build_object('medico_id', e.medico_id, 'fecha', e.fecha, 'abierto', e.abierto, 'desde', e.desde, 'hasta', e.hasta)), '[]')
                     from excepciones e where e.sede_id = s.id and e.fecha >= $2) as "excepciones!: Json<Vec<Excepcion>>",
                  (select coalesce(json_agg(t.turno), '[]') from v_turnos t where t.sede_id = s.id and t.hasta >= $2) as "turnos!: Json<Vec<TurnoDeMedico>>",
                  (select coalesce(json_agg(b.bloqueo), '[]') from v_bloqueos b
                    where b.sede_id = s.id and b.hasta > ($2::date - 1)::timestamp at time zone 'UTC') as "bloqueos!: Json<Vec<Bloqueado>>",
                  array(select m.id from v_medicos m where m.activo) as "medicos!: Vec<UsuarioId>",
                  (select coalesce(json_agg(json_build_object('id', a.id, 'tipo', a.tipo) order by a.nombre), '[]')
                     from v_ambientes a where a.sede_id = s.id and a.activo) as "ambientes!: Json<Vec<Ambiente>>",
                  (select coalesce(json_agg(json_build_object('id', e.id, 'tipo', e.tipo) order by e.nombre), '[]')
                     from v_equipos e where e.sede_id = s.id and e.activo) as "equipos!: Json<Vec<Pieza>>",
                  (select coalesce(json_object_agg(v.id, json_build_object('duracion_min', v.duracion_min, 'antes_min', v.antes_min,
                            'despues_min', v.despues_min, 'ambiente_tipo', v.ambiente_tipo, 'equipos_tipos', v.equipos_tipos,
                            'activo', v.activo, 'medicos', v.medicos)), '{}') from v_servicios v) as "servicios!: Json<HashMap<ServicioId, Servicio>>"
             from v_sedes s where s.id = any ($1) and sede_visible(s.id)"#,
        sedes as &[SedeId],
        desde.to_sqlx() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    let (tenant, memory) = (tx.who().tenant, tx.memory::<Marcos>());
    memory.read.fetch_add(filas.len() as u64, Ordering::Relaxed);
    let mut read = Vec::with_capacity(filas.len());
    let mut cadena: Option<Arc<DeLaCadena>> = None;
    for f in filas {
        let agenda = Agenda {
            sede_id: SedeId(f.id),
            zona: TimeZone::get(&f.zona_horaria).map_err(Problem::internal)?,
            atiende_feriados: f.atiende_feriados,
            horarios: f.horarios.0,
            planes: f.planes.0,
            excepciones: f.excepciones.0,
            feriados: f.feriados.into_iter().map(Date::from).collect(),
            turnos: f.turnos.0,
            bloqueos: f.bloqueos.0,
        };
        let marco = Arc::new(Marco {
            version: f.version,
            desde,
            activa: f.activa,
            agenda: Arc::new(agenda),
            ambientes: f.ambientes.0,
            equipos: f.equipos.0,
            // One statement saw one chain at one moment: what its first row says holds for the others.
            cadena: cadena
                .get_or_insert_with(|| {
                    memory.compartida(tenant, DeLaCadena { version: f.version, medicos: f.medicos, servicios: f.servicios.0 })
                })
                .clone(),
        });
        if marco.version.is_some() && desde == usual {
            memory.cache.insert((tenant, SedeId(f.id)), marco.clone());
        }
        read.push(marco);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sedes_of_a_chain_share_what_is_of_one_version() {
        let (marcos, tenant) = (Marcos::default(), TenantId::new());
        let leida = |version| DeLaCadena { version, medicos: vec![UsuarioId::new()], servicios: HashMap::new() };
        let first = marcos.compartida(tenant, leida(Some(1)));
        assert!(Arc::ptr_eq(&first, &marcos.compartida(tenant, leida(Some(1)))), "the same again");
        assert!(!Arc::ptr_eq(&first, &marcos.compartida(TenantId::new(), leida(Some(1)))), "another chain's");
        // Read inside a transaction that changes it: nobody else's, and nothing that others find.
        assert!(!Arc::ptr_eq(&first, &marcos.compartida(tenant, leida(None))));
        assert!(Arc::ptr_eq(&first, &marcos.compartida(tenant, leida(Some(1)))));
        let second = marcos.compartida(tenant, leida(Some(2)));
        assert!(!Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&second, &marcos.compartida(tenant, leida(Some(2)))));
    }
}
