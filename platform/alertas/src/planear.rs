//! From what happened to an appointment to the letter that is due. Done once for each event; what was told before decides,
//! so that it does no harm twice, late, or in another order.
use crate::{
    model::{Avisada, Tipo, noticia},
    store::{ajustes, citas, preferencias},
};
use jiff::Timestamp;
use kernel::{
    Correo, Destino, Problem, SystemCtx, Tx,
    ids::{CitaId, MascotaId, TenantId, TutorId},
    job::Fallo,
};
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The kind of work: see what is news of an appointment.
pub const AVISAR: &str = "aviso.revisar";
/// The event after which nothing was told yet.
const NUEVA: &str = "cita.reservada";

#[derive(Deserialize)]
struct Trabajo {
    cita: CitaId,
    tema: String,
}

/// What a letter about an appointment is about.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DeCita {
    pub cita: CitaId,
    /// It speaks of this version, and is of no use once a later one was told.
    #[serde(default)]
    pub version: Option<i32>,
    /// It speaks of this start, and is of no use once there is another.
    #[serde(default)]
    pub inicio: Option<Timestamp>,
}

/// Looks at an appointment, and asks for the letter that is due.
pub async fn avisar_de_cita(system: &SystemCtx, tenant: TenantId, cuerpo: &Value) -> Result<(), Fallo> {
    let Trabajo { cita, tema } = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    let mut tx = system.begin(tenant).await?;
    revisar(&mut tx, cita, tema == NUEVA).await?;
    tx.commit().await?;
    Ok(())
}

async fn revisar(tx: &mut Tx, id: CitaId, nueva: bool) -> Result<(), Problem> {
    // Of two events of one appointment the second sees what the first one told.
    citas::hold(tx, id).await?;
    let Some(cita) = citas::actual(tx, id).await? else { return Ok(()) };
    let ajustes = ajustes::get(tx).await?.datos;
    let antes = citas::avisada(tx, id).await?;
    // Of a booking of their own its letters may have told its owner more since.
    let contada = ::citas::contada(tx, id).await?.map(Avisada::from);
    let antes = contada.filter(|contada| contada.avisada > antes.map_or(0, |antes| antes.avisada)).or(antes);
    let tipo = noticia(&cita, antes.as_ref(), nueva, tx.now()).filter(|_| ajustes.confirmaciones);
    let tutor = match tipo {
        Some(_) => contactable(tx, cita.mascota, &ajustes.canales).await?,
        None => None,
    };
    let mut avisada = antes.map_or(0, |antes| antes.avisada);
    if let Some((tipo, tutor)) = tipo.zip(tutor) {
        avisada = cita.version;
        tx.enviar(&de_cita(tipo, cita.id, cita.version, tutor.tutor).sede(cita.sede)).await?;
    }
    citas::note(tx, id, &cita.dicha(avisada)).await
}

/// The owner, if there is anything to write to that the chain or they themselves want to be used.
async fn contactable(tx: &mut Tx, mascota: MascotaId, canales: &[Medio]) -> Result<Option<pacientes::Contacto>, Problem> {
    let Some(contacto) = pacientes::contacto_de_mascota(tx, mascota).await? else { return Ok(None) };
    let wanted = preferencias::get(tx, contacto.tutor).await?;
    let by_phone = wanted.as_deref().unwrap_or(canales).iter().any(|medio| *medio != Medio::Correo);
    let reached = contacto.correo.is_some() || by_phone && contacto.telefono.is_some();
    Ok(reached.then_some(contacto))
}

fn de_cita(tipo: Tipo, cita: CitaId, version: i32, tutor: TutorId) -> Correo {
    Correo::new(tipo.clave(), format!("{cita}:{version}"), Destino::Tutor(tutor)).datos(DeCita {
        cita,
        version: Some(version),
        inicio: None,
    })
}

/// What the list of letters says it is about.
pub fn de_que(correo: &Correo) -> (Option<CitaId>, Option<TutorId>) {
    let cita = DeCita::deserialize(&correo.datos).ok().map(|about| about.cita);
    let tutor = match correo.destino {
        Destino::Tutor(tutor) => Some(tutor),
        Destino::Direccion(_) => None,
    };
    (cita, tutor)
}
