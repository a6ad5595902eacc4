//! What the agenda does for a pet's record.
use crate::model::Estado;
use jiff_sqlx::ToSqlx;
use kernel::{
    Change, Event, Problem, Tx,
    ids::{CitaId, MascotaId, SedeId},
    ports::{CitaBreve, CitaDeMascota, CitasQueChocan},
};
use serde_json::json;

/// Why what lay ahead of a dead pet is not to be.
pub const FALLECIO: &str = "La mascota falleció";

/// Cancels all that lies ahead of a dead pet, also in sedes that the caller may not see.
pub async fn anular_de_fallecida(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaBreve>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select id as "id!: CitaId", sede_id as "sede_id!: SedeId", medico_id as "medico_id!", inicio as "inicio!", fin as "fin!",
                  estado as "estado!: Estado" from citas_anular_de_fallecida($1, $2, $3)"#,
        mascota as _,
        now.to_sqlx() as _,
        FALLECIO
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut anuladas = Vec::with_capacity(filas.len());
    for fila in filas {
        let (id, sede_id, inicio) = (fila.id, fila.sede_id, fila.inicio.to_jiff());
        let despues = json!({ "estado": Estado::Anulada, "anulada_motivo": FALLECIO });
        tx.audit(Change::new("anular", "cita", id).sede(sede_id).antes(json!({ "estado": fila.estado })).despues(despues));
        let aviso = json!({
            "id": id, "sede_id": sede_id, "mascota_id": mascota, "medico_id": fila.medico_id,
            "inicio": inicio, "fin": fila.fin.to_jiff(), "estado": Estado::Anulada
        });
        tx.publish(Event::new("cita.anulada", aviso).sede(sede_id));
        anuladas.push(CitaBreve { id: Some(id), sede_id, inicio });
    }
    Ok(anuladas)
}

/// What two pets have at the same time, in every sede of the chain.
pub async fn que_chocan(tx: &mut Tx, una: MascotaId, otra: MascotaId) -> Result<Vec<CitasQueChocan>, Problem> {
    let filas = sqlx::query!(
        r#"select inicio as "inicio!", fin as "fin!", sede_id as "sede_id!: SedeId", cita_id as "cita_id: CitaId",
                  otra_sede_id as "otra_sede_id!: SedeId", otra_id as "otra_id: CitaId" from citas_que_chocan($1, $2)"#,
        una as _,
        otra as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let pair = filas.into_iter().map(|fila| CitasQueChocan {
        inicio: fila.inicio.to_jiff(),
        fin: fila.fin.to_jiff(),
        sede_id: fila.sede_id,
        cita_id: fila.cita_id,
        otra_sede_id: fila.otra_sede_id,
        otra_id: fila.otra_id,
    });
    Ok(pair.collect())
}

/// Gives all appointments of a merged pet to the one that goes on, also in sedes that the caller may not see.
pub async fn pasar(tx: &mut Tx, de: MascotaId) -> Result<Vec<CitaId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select c as "id!: CitaId" from citas_pasar($1) c order by c"#, de as _).fetch_all(&mut **tx).await?)
}

/// Gives appointments back to a pet that is merged no more, as far as they are still where they went.
pub async fn devolver(tx: &mut Tx, citas: &[CitaId], desde: MascotaId, a: MascotaId) -> Result<(), Problem> {
    sqlx::query!("select citas_devolver($1, $2, $3)", citas as _, desde as _, a as _).fetch_all(&mut **tx).await?;
    Ok(())
}

/// What lies ahead of some pets, in every sede of the chain.
pub async fn por_venir(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<CitaBreve>, Problem> {
    let now = tx.now();
    let filas = sqlx::query!(
        r#"select cita_id as "id: CitaId", sede_id as "sede_id!: SedeId", inicio as "inicio!" from citas_por_venir($1, $2)"#,
        mascotas as _,
        now.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(|fila| CitaBreve { id: fila.id, sede_id: fila.sede_id, inicio: fila.inicio.to_jiff() }).collect())
}

/// All of a pet's appointments in few words, newest first.
pub async fn de_mascota(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<CitaDeMascota>, Problem> {
    let all = super::historial(tx, mascota, None, i64::MAX).await?;
    let cita = all.into_iter().map(|cita| CitaDeMascota {
        id: cita.id,
        sede_id: cita.sede_id,
        inicio: cita.inicio,
        servicio: cita.servicio_nombre,
        medico: cita.medico_nombre,
        estado: json!(cita.estado),
        motivo: cita.motivo,
    });
    Ok(cita.collect())
}
