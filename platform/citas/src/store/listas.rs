//! Many appointments: the agenda of a day or week, a pet's history, what a vet leaves behind.
use crate::model::{AnuladaPor, Cita, CitaEnAgenda, Estado};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, SerieId, ServicioId, TutorId, UsuarioId},
    ports::PorReasignar,
};
use uuid::Uuid;

/// Which appointments: at least one of the four must be given.
#[derive(Debug, Clone, Copy)]
pub struct Filtro {
    pub sede: Option<SedeId>,
    pub medico: Option<UsuarioId>,
    pub ambiente: Option<AmbienteId>,
    pub mascota: Option<MascotaId>,
    pub desde: Timestamp,
    pub hasta: Timestamp,
    pub con_anuladas: bool,
    pub despues_de: Option<(Timestamp, CitaId)>,
    pub limite: i64,
}

struct Fila {
    id: CitaId,
    sede_id: SedeId,
    mascota_id: MascotaId,
    medico_id: UsuarioId,
    servicio_id: ServicioId,
    ambiente_id: Option<AmbienteId>,
    equipos: Vec<EquipoId>,
    inicio: Timestamp,
    fin: Timestamp,
    estado: Estado,
    motivo: Option<String>,
    anulada_motivo: Option<String>,
    anulada_por: Option<AnuladaPor>,
    sobrecupo: bool,
    sobrecupo_motivo: Option<String>,
    serie_id: Option<SerieId>,
    version: i32,
    mascota: String,
    especie: String,
    tutor: Option<String>,
    tutor_id: Option<TutorId>,
    medico: String,
    servicio: String,
}

impl From<Fila> for CitaEnAgenda {
    fn from(f: Fila) -> Self {
        let cita = Cita {
            id: f.id,
            sede_id: f.sede_id,
            mascota_id: f.mascota_id,
            medico_id: f.medico_id,
            servicio_id: f.servicio_id,
            ambiente_id: f.ambiente_id,
            equipos: f.equipos,
            inicio: f.inicio,
            fin: f.fin,
            estado: f.estado,
            motivo: f.motivo,
            anulada_motivo: f.anulada_motivo,
            anulada_por: f.anulada_por,
            sobrecupo: f.sobrecupo,
            sobrecupo_motivo: f.sobrecupo_motivo,
            serie_id: f.serie_id,
            version: f.version,
        };
        Self { cita, mascota: f.mascota, especie: f.especie, tutor: f.tutor, tutor_id: f.tutor_id, medico: f.medico, servicio: f.servicio }
    }
}

/// In order of start. One statement per access path, so that each has its index.
pub async fn listar(tx: &mut Tx, filtro: &Filtro) -> Result<Vec<CitaEnAgenda>, Problem> {
    let (despues, despues_id) = filtro.despues_de.map_or((filtro.desde, Uuid::nil()), |(en, id)| (en, id.into()));
    macro_rules! by {
        ($condition:literal, $key:expr) => {
            sqlx::query_as!(
                Fila,
                r#"select c.id, c.sede_id, c.mascota_id as "mascota_id!", c.medico_id, c.servicio_id, c.ambiente_id, c.inicio, c.fin, c.estado, c.motivo,
                          c.anulada_motivo, c.anulada_por as "anulada_por: AnuladaPor", c.sobrecupo, c.sobrecupo_motivo, c.serie_id, c.version,
                          array(select e.equipo_id from citas_equipos e where e.cita_id = c.id order by 1) as "equipos!: Vec<EquipoId>",
                          m.nombre as "mascota!", m.especie as "especie!", m.tutor,
                          (select p.tutor_id from v_propietarios p where p.mascota_id = c.mascota_id) as "tutor_id: TutorId",
                          d.nombre as "medico!", s.nombre as "servicio!"
                     from citas c
                     join v_mascotas m on m.id = c.mascota_id
                     join v_medicos d on d.id = c.medico_id
                     join v_servicios s on s.id = c.servicio_id
                    where "#
                    + $condition
                    + r#" and c.inicio >= $2 and c.inicio < $3 and (c.activa or $4) and c.retenida_hasta is null
                      and ($8::uuid is null or c.sede_id = $8) and ($9::uuid is null or c.ambiente_id = $9)
                      and c.inicio >= $5 and (c.inicio > $5 or c.id > $6)
                    order by c.inicio, c.id limit $7"#,
                $key as _,
                filtro.desde.to_sqlx() as _,
                filtro.hasta.to_sqlx() as _,
                filtro.con_anuladas,
                despues.to_sqlx() as _,
                despues_id,
                filtro.limite,
                filtro.sede as _,
                filtro.ambiente as _,
            )
            .fetch_all(&mut **tx)
            .await?
        };
    }
    let filas = if let Some(mascota) = filtro.mascota {
        by!("c.mascota_id = $1", mascota)
    } else if let Some(medico) = filtro.medico {
        by!("c.medico_id = $1", medico)
    } else if let Some(sede) = filtro.sede {
        by!("c.sede_id = $1", sede)
    } else if let Some(ambiente) = filtro.ambiente {
        by!("c.sede_id = (select a.sede_id from v_ambientes a where a.id = $1)", ambiente)
    } else {
        Vec::new()
    };
    Ok(filas.into_iter().map(CitaEnAgenda::from).collect())
}

/// An appointment in a pet's timeline.
#[derive(Debug)]
pub struct EntradaCita {
    pub id: CitaId,
    pub inicio: Timestamp,
    pub estado: Estado,
    pub sede_id: SedeId,
    pub medico_id: UsuarioId,
    pub servicio_id: ServicioId,
    pub motivo: Option<String>,
    pub sobrecupo: bool,
    pub servicio_nombre: String,
    pub medico_nombre: String,
}

/// A pet's appointments, newest first, before a position.
pub async fn historial(
    tx: &mut Tx,
    mascota: MascotaId,
    antes: Option<(Timestamp, Uuid)>,
    limite: i64,
) -> Result<Vec<EntradaCita>, Problem> {
    let (antes, antes_id) = antes.unwrap_or((Timestamp::MAX, Uuid::max()));
    // PostgreSQL's infinity is beyond jiff's last instant, and a plain late date is as good.
    let antes = antes.min("9000-01-01T00:00:00Z".parse().unwrap_or(antes));
    let filas = sqlx::query_as!(
        EntradaCita,
        r#"select c.id, c.inicio, c.estado, c.sede_id, c.medico_id, c.servicio_id, c.motivo, c.sobrecupo,
                  s.nombre as "servicio_nombre!", d.nombre as "medico_nombre!"
             from citas c
             join v_servicios s on s.id = c.servicio_id
             join v_medicos d on d.id = c.medico_id
            where c.mascota_id = $1 and c.retenida_hasta is null and c.inicio <= $2 and (c.inicio < $2 or c.id < $3)
            order by c.inicio desc, c.id desc limit $4"#,
        mascota as _,
        antes.to_sqlx() as _,
        antes_id,
        limite,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas)
}

/// What a vet who leaves leaves behind, in every sede of the chain: of those that the transaction does not see, where
/// and when and no more.
pub async fn por_reasignar(tx: &mut Tx, medico: UsuarioId) -> Result<Vec<PorReasignar>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select tipo = 'cita' as "es_cita!", id, sede_id as "sede_id: SedeId", desde from medico_deja($1, $2)"#,
        medico as _,
        now.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let leaves = filas.into_iter().map(|fila| PorReasignar {
        tipo: if fila.es_cita { "cita" } else { "plan" },
        id: fila.id,
        sede_id: fila.sede_id,
        desde: fila.desde.map(|desde| desde.to_jiff()),
    });
    Ok(leaves.collect())
}
