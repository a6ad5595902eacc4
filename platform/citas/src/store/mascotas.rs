//! What the agenda does for a pet's record.
use crate::model::Estado;
use jiff_sqlx::ToSqlx;
use kernel::{
    Change, Event, Problem, Tx,
    ids::{CitaId, MascotaId, SedeId},
    ports::CitaAnulada,
};
use serde_json::json;

const MOTIVO: &str = "La mascota falleció";

/// Cancels all that lies ahead of a dead pet, also in sedes that the caller may not see.
pub async fn anular_de_fallecida(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaAnulada>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select id as "id!: CitaId", sede_id as "sede_id!: SedeId", medico_id as "medico_id!", inicio as "inicio!", fin as "fin!",
                  estado as "estado!: Estado" from citas_anular_de_fallecida($1, $2, $3)"#,
        mascota as _,
        now.to_sqlx() as _,
        MOTIVO
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut anuladas = Vec::with_capacity(filas.len());
    for fila in filas {
        let (id, sede_id, inicio) = (fila.id, fila.sede_id, fila.inicio.to_jiff());
        let despues = json!({ "estado": Estado::Anulada, "anulada_motivo": MOTIVO });
        tx.audit(Change::new("anular", "cita", id).sede(sede_id).antes(json!({ "estado": fila.estado })).despues(despues));
        let aviso = json!({
            "id": id, "sede_id": sede_id, "mascota_id": mascota, "medico_id": fila.medico_id,
            "inicio": inicio, "fin": fila.fin.to_jiff(), "estado": Estado::Anulada
        });
        tx.publish(Event::new("cita.anulada", aviso).sede(sede_id));
        anuladas.push(CitaAnulada { id: Some(id), sede_id, inicio });
    }
    Ok(anuladas)
}
