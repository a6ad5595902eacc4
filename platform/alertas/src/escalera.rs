//! Reminders of what a pet is due for: every hour, for each chain that has them, its owners one after the other. How far that
//! went is written down with what was found, so that it goes on where it stopped. A step that was taken is a row that cannot be
//! there twice; what it says is looked at again when the message leaves.
use crate::{
    canales::{Canal, Canales},
    model::{Caso, DatosAjustes, DatosRecordatorios, Motivo, Pendiente, Previsto, Tipo, Tomado, explicar, fecha_corta},
    store::{ajustes, escalera as store, preferencias},
};
use jiff::{Timestamp, ToSpan, Unit, civil::Date, tz::TimeZone};
use kernel::{
    Correo, Destino, Problem, SystemCtx, Tx,
    ids::{SedeId, TenantId, TutorId},
    job::Fallo,
};
use pacientes::{Consentido, Contacto, Finalidad, Medio};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use store::SedeConZona;
use uuid::Uuid;

/// The kind of work: go through one chain.
pub const ESCALERA: &str = "aviso.escalera";
/// Owners that are gone through in one transaction.
const BITE: i64 = 100;
/// What cannot go out within so many days says what is not true any more.
const VIGENCIA: i64 = 3;

/// What a message is about.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeSalud {
    grupo: Uuid,
}

/// Asks that each chain that has reminders is gone through this hour; says for how many.
pub async fn programar(system: &SystemCtx) -> Result<u64, Problem> {
    let now = system.app().now();
    let mut tx = system.begin_jobs().await?;
    let asked = store::programar(&mut tx, now, hora(now), ESCALERA).await?;
    tx.commit().await?;
    Ok(asked)
}

fn hora(now: Timestamp) -> Timestamp {
    now.round(jiff::TimestampRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc)).unwrap_or(now)
}

/// Goes through one chain.
pub async fn recorrer(system: &SystemCtx, canales: &dyn Canales, tenant: TenantId) -> Result<(), Fallo> {
    let activos = canales.activos(tenant).await?;
    while bite(system, &activos, tenant).await? {}
    Ok(())
}

/// Some of the owners; `true` if there may be more.
async fn bite(system: &SystemCtx, activos: &[Canal], tenant: TenantId) -> Result<bool, Problem> {
    let mut tx = system.begin(tenant).await?;
    // Two at once would find the same.
    store::hold(&mut tx).await?;
    let hora = hora(tx.now());
    let datos = store::ajustes(&mut tx).await?.datos;
    let Some(after) = store::reached(&mut tx, hora).await?.filter(|_| datos.activo) else { return Ok(false) };
    let mirada = Mirada::abrir(&mut tx, datos, activos).await?;
    let now = tx.now();
    let lote = mirada.leer(&mut tx, after, BITE, now).await?;
    for (tutor, pendientes) in &lote.tutores {
        mirada.tomar(&mut tx, &lote, *tutor, pendientes).await?;
    }
    store::reach(&mut tx, hora, lote.ultimo, !lote.hay_mas).await?;
    tx.commit().await?;
    Ok(lote.hay_mas)
}

/// With what a chain's owners are looked at.
pub struct Mirada<'a> {
    datos: DatosRecordatorios,
    correos: DatosAjustes,
    sedes: Vec<SedeConZona>,
    activos: &'a [Canal],
}

/// Some owners in order, with all that is open for them.
pub struct Lote {
    tutores: Vec<(TutorId, Vec<Pendiente>)>,
    tomados: HashSet<Tomado>,
    consentido: HashMap<TutorId, Consentido>,
    preferencias: HashMap<TutorId, Vec<Medio>>,
    pub ultimo: Option<TutorId>,
    pub hay_mas: bool,
}

impl<'a> Mirada<'a> {
    pub async fn abrir(tx: &mut Tx, datos: DatosRecordatorios, activos: &'a [Canal]) -> Result<Self, Problem> {
        Ok(Self { datos, correos: ajustes::get(tx).await?.datos, sedes: store::sedes(tx).await?, activos })
    }

    /// `until`: up to when it is looked ahead.
    pub async fn leer(&self, tx: &mut Tx, after: Option<TutorId>, limit: i64, until: Timestamp) -> Result<Lote, Problem> {
        let (behind, ahead) = self.datos.alcance();
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        // A day more on both sides: wherever the sede is.
        let from = day(tx.now()).checked_sub(i64::from(behind + 1).days()).unwrap_or(Date::MIN);
        let to = day(until).checked_add(i64::from(ahead + 1).days()).unwrap_or(Date::MAX);
        let mut tutores = store::owners(tx, after, from, to, limit + 1).await?;
        let hay_mas = tutores.len() as i64 > limit;
        tutores.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let open = store::open(tx, &tutores, from, to).await?;
        let tomados = store::taken(tx, &open).await?;
        let consentido = pacientes::consentido(tx, &tutores, Finalidad::Recordatorios).await?;
        let preferencias = preferencias::of(tx, &tutores).await?;
        let ultimo = tutores.last().copied();
        let mut by_owner: HashMap<TutorId, Vec<Pendiente>> = HashMap::new();
        open.into_iter().for_each(|one| by_owner.entry(one.tutor).or_default().push(one));
        let tutores = tutores.into_iter().filter_map(|tutor| Some((tutor, by_owner.remove(&tutor)?))).collect();
        Ok(Lote { tutores, tomados, consentido, preferencias, ultimo, hay_mas })
    }

    /// Where the first of these pets was registered, else the chain's first sede.
    fn sede(&self, pendientes: &[Pendiente]) -> Option<&SedeConZona> {
        let known = pendientes.iter().find_map(|one| self.sedes.iter().find(|sede| Some(sede.id) == one.sede));
        known.or(self.sedes.first())
    }

    fn por(&self, lote: &Lote, contacto: &Contacto, sede: SedeId) -> Result<Medio, Vec<(Medio, Motivo)>> {
        let caso = Caso {
            tipo: Tipo::Recordatorio,
            orden: lote.preferencias.get(&contacto.tutor).unwrap_or(&self.correos.canales),
            correo: contacto.correo.as_deref(),
            telefono: contacto.telefono.as_deref(),
            consentido: lote.consentido.get(&contacto.tutor).copied().unwrap_or_default(),
            canales: self.activos,
            sede: Some(sede),
            fallidos: &[],
        };
        caso.elegir().map(|ruta| ruta.medio)
    }

    /// Takes the steps that are due for one owner, if it is the time of the day and there is a way to tell them.
    async fn tomar(&self, tx: &mut Tx, lote: &Lote, tutor: TutorId, pendientes: &[Pendiente]) -> Result<(), Problem> {
        let Some(sede) = self.sede(pendientes) else { return Ok(()) };
        let here = sede.zona.to_datetime(tx.now());
        if here.time() < self.datos.desde() || self.correos.en_silencio(here.time()) {
            return Ok(());
        }
        let due = self.datos.debidos(pendientes, &lote.tomados, here.date());
        if due.is_empty() {
            return Ok(());
        }
        let Some(contacto) = pacientes::contacto(tx, tutor).await? else { return Ok(()) };
        // Who cannot be told keeps the step: perhaps they agree tomorrow.
        if self.por(lote, &contacto, sede.id).is_err() {
            return Ok(());
        }
        let grupo = Uuid::now_v7();
        let mut taken = 0;
        for (pendiente, paso) in due {
            taken += store::take(tx, grupo, sede.id, pendiente, paso).await?;
        }
        if taken > 0 {
            let message = Correo::new(Tipo::Recordatorio.clave(), grupo.to_string(), Destino::Tutor(tutor)).sede(sede.id);
            let until = tx.now() + jiff::SignedDuration::from_hours(24 * VIGENCIA);
            tx.enviar(&message.datos(DeSalud { grupo }).vence(until)).await?;
        }
        Ok(())
    }

    /// What would go out to these owners until a day, as everything is now.
    pub async fn prever(&self, tx: &mut Tx, lote: &Lote, hasta: Date) -> Result<Vec<Previsto>, Problem> {
        let (mut found, mut tomados, mut mensaje) = (Vec::new(), lote.tomados.clone(), 0);
        for (tutor, pendientes) in &lote.tutores {
            let Some((sede, contacto)) = self.sede(pendientes).zip(pacientes::contacto(tx, *tutor).await?) else { continue };
            let por = self.por(lote, &contacto, sede.id);
            let here = sede.zona.to_datetime(tx.now());
            let mut fecha = here.date();
            while fecha <= hasta {
                let due = self.datos.debidos(pendientes, &tomados, fecha);
                let held = pendientes.iter().filter(|one| one.con_cita);
                let held: Vec<_> = held.filter_map(|one| Some((one, self.datos.paso(one, fecha)?))).collect();
                mensaje += u32::from(!due.is_empty());
                for (one, paso) in due.into_iter().chain(held) {
                    if !tomados.insert(one.tomado(paso)) {
                        continue;
                    }
                    let motivo = if one.con_cita { Some("tiene cita".to_owned()) } else { por.as_ref().err().map(|why| explicar(why)) };
                    let canal = por.as_ref().ok().copied().filter(|_| motivo.is_none());
                    found.push(previsto(one, paso, fecha, &contacto, mensaje, canal, motivo));
                }
                let Ok(next) = fecha.tomorrow() else { break };
                fecha = next;
            }
        }
        Ok(found)
    }
}

fn previsto(
    one: &Pendiente,
    paso: i32,
    fecha: Date,
    contacto: &Contacto,
    mensaje: u32,
    canal: Option<Medio>,
    motivo: Option<String>,
) -> Previsto {
    Previsto {
        fecha,
        tutor_id: contacto.tutor,
        tutor: contacto.nombre.clone(),
        mascota_id: one.mascota,
        mascota: one.nombre.clone(),
        alerta_id: one.alerta,
        regla: one.regla.clone(),
        titulo: one.titulo.clone(),
        vence: one.vence,
        paso,
        mensaje,
        canal,
        motivo,
    }
}

impl DeSalud {
    /// What its template can say, of what is still open; `None` if nothing is.
    pub async fn decir(&self, tx: &mut Tx, tutor: &Contacto, zona: &TimeZone) -> Result<Option<Map<String, Value>>, Problem> {
        let lines = store::still_open(tx, self.grupo, tutor.tutor).await?;
        let hoy = zona.to_datetime(tx.now()).date();
        let said: Vec<String> =
            lines.iter().map(|line| format!("{}: {} ({})", line.mascota, line.titulo, cuando(line.vence, hoy))).collect();
        let mut names: Vec<&str> = Vec::new();
        lines.iter().map(|line| line.mascota.as_str()).for_each(|name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
        let all = json!({ "tutor": tutor.nombre, "mascotas": enumerar(&names), "resumen": said.join("; "), "lineas": said });
        Ok(all.as_object().cloned().filter(|_| !lines.is_empty()))
    }
}

fn cuando(vence: Date, hoy: Date) -> String {
    match vence.cmp(&hoy) {
        std::cmp::Ordering::Less => format!("venció el {}", fecha_corta(vence)),
        std::cmp::Ordering::Equal => "vence hoy".into(),
        std::cmp::Ordering::Greater => format!("vence el {}", fecha_corta(vence)),
    }
}

/// `Luna, Toby y Sol`
fn enumerar(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} y {last}", all.join(", ")),
    }
}
