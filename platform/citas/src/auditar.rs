//! The agenda in the audit: what was written about a visit, by its owner or the desk, is kept there only as long as the owner is.
use kernel::{Change, Problem, Tx, ids::MascotaId};

/// Fields with somebody's own words. Why an agenda was overbooked is what the staff answers for, and stays.
const PALABRAS: &[&str] = &["motivo", "nota", "anulada_motivo", "retirada_motivo"];

/// A line about something of this pet.
pub async fn auditar(tx: &mut Tx, mascota: MascotaId, change: Change) -> Result<(), Problem> {
    auditar_todo(tx, mascota, vec![change]).await
}

/// The same, of many lines.
pub async fn auditar_todo(tx: &mut Tx, mascota: MascotaId, changes: Vec<Change>) -> Result<(), Problem> {
    pacientes::auditar(tx, mascota, PALABRAS, changes).await
}
