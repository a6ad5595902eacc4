//! Many appointments at once, from an importer or a demonstration.
use crate::{
    model::{Cita, Estado, NuevaCita, Triaje},
    reservar, store,
};
use jiff::{Timestamp, civil::Date};
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, ServicioId, UsuarioId},
};

/// An appointment whose time and resources somebody else decided.
#[derive(Debug, Clone)]
pub struct CitaImportada {
    pub sede_id: SedeId,
    pub mascota_id: MascotaId,
    pub medico_id: UsuarioId,
    pub servicio_id: ServicioId,
    pub ambiente_id: Option<AmbienteId>,
    pub equipos: Vec<EquipoId>,
    pub inicio: Timestamp,
    pub fin: Timestamp,
    pub ocupado_desde: Timestamp,
    pub ocupado_hasta: Timestamp,
    pub estado: Estado,
    pub motivo: Option<String>,
    pub anulada_motivo: Option<String>,
    pub creado_en: Timestamp,
    pub actualizado_en: Timestamp,
    /// Of an appointment that was kept.
    pub visita: Option<VisitaImportada>,
}

/// When who had an appointment came, was seen and left.
#[derive(Debug, Clone, Copy)]
pub struct VisitaImportada {
    pub triaje: Option<Triaje>,
    pub llegada_en: Timestamp,
    pub consulta_en: Timestamp,
    pub consulta_fin_en: Timestamp,
    pub fin_en: Timestamp,
}

/// Inserts what fits; what the exclusion constraints on vet, room and pet refuse is left out. Answers those
/// that went in. A piece of equipment that is taken fails the whole batch. One audit line stands for the batch.
pub async fn importar(tx: &mut Tx, lote: &[CitaImportada]) -> Result<Vec<CitaId>, Problem> {
    store::bloquear_entre_sedes(tx, lote).await?;
    let ids = store::importar(tx, lote).await?;
    let batch = kernel::Change::new("importar", "cita", uuid::Uuid::now_v7())
        .despues(serde_json::json!({ "citas": ids.len(), "rechazadas": lote.len() - ids.len() }));
    tx.audit(batch);
    Ok(ids)
}

/// Books one appointment of another system by the rules of the desk. Nobody is told of each: who has them brought along
/// is told of all.
pub async fn traer(tx: &mut Tx, nueva: NuevaCita) -> Result<Cita, Problem> {
    if !tx.who().sedes.contains(nueva.sede_id) {
        return Err(Problem::forbidden());
    }
    nueva.check(tx.now())?;
    reservar::tomar_cita(tx, nueva).await
}

/// A stretch of one day in which a vet works in a sede: weekly plan, exceptions, opening hours and holidays applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turno {
    pub sede_id: SedeId,
    pub medico_id: UsuarioId,
    /// In the sede's zone.
    pub fecha: Date,
    pub desde: Timestamp,
    pub hasta: Timestamp,
}

/// When the active vets work in the active sedes that the caller sees, from `desde` to `hasta`, both included.
pub async fn turnos(tx: &mut Tx, desde: Date, hasta: Date) -> Result<Vec<Turno>, Problem> {
    let (agendas, medicos) = (store::agendas(tx, None, desde, hasta).await?, store::medicos(tx).await?);
    let mut turnos = Vec::new();
    for agenda in &agendas {
        for medico_id in agenda.medicos().into_iter().filter(|id| medicos.contains(id)) {
            for fecha in desde.series(jiff::Span::new().days(1)).take_while(|fecha| *fecha <= hasta) {
                for tramo in agenda.horas_medico(medico_id, fecha) {
                    let instante = |hora| agenda.instante(fecha, hora).map_err(Problem::internal);
                    let (desde, hasta) = (instante(tramo.desde)?, instante(tramo.hasta)?);
                    turnos.push(Turno { sede_id: agenda.sede_id, medico_id, fecha, desde, hasta });
                }
            }
        }
    }
    Ok(turnos)
}

/// How many appointments of a sede are in a state, and how long they take with their buffers.
#[derive(Debug, Clone, Copy)]
pub struct Recuento {
    pub sede_id: SedeId,
    pub estado: Estado,
    pub citas: i64,
    pub minutos: i64,
    /// When the last of them begins.
    pub ultima: Timestamp,
}

/// Counts the appointments that begin from `desde` to before `hasta`, by sede and state.
pub async fn recuento(tx: &mut Tx, desde: Timestamp, hasta: Timestamp) -> Result<Vec<Recuento>, Problem> {
    store::recuento(tx, desde, hasta).await
}
