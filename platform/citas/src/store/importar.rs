//! Appointments by the thousand.
use crate::importar::CitaImportada;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::CitaId};
use uuid::Uuid;

pub async fn importar(tx: &mut Tx, lote: &[CitaImportada]) -> Result<Vec<CitaId>, Problem> {
    let (now, author) = (tx.now(), tx.author());
    let ids: Vec<Uuid> = lote.iter().map(|_| Uuid::now_v7()).collect();
    let column = |get: fn(&CitaImportada) -> Uuid| lote.iter().map(get).collect::<Vec<Uuid>>();
    let times = |get: fn(&CitaImportada) -> jiff::Timestamp| lote.iter().map(|c| get(c).to_sqlx()).collect::<Vec<_>>();
    let ambientes: Vec<Option<Uuid>> = lote.iter().map(|c| c.ambiente_id.map(Uuid::from)).collect();
    let estados: Vec<String> = lote.iter().filter_map(|c| serde_json::to_value(c.estado).ok()?.as_str().map(str::to_owned)).collect();
    let activas: Vec<bool> = lote.iter().map(|c| c.estado.activa()).collect();
    let motivos: Vec<Option<String>> = lote.iter().map(|c| c.motivo.clone()).collect();
    let done = sqlx::query_scalar!(
        "insert into citas (id, sede_id, mascota_id, medico_id, servicio_id, ambiente_id, inicio, fin, ocupado_desde, ocupado_hasta,
                            estado, activa, motivo, creado_en, creado_por, actualizado_en)
         select q.*, $14, $15, $14 from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::timestamptz[], $8::timestamptz[],
                                               $9::timestamptz[], $10::timestamptz[], $11::text[], $12::bool[], $13::text[]) q
         on conflict do nothing returning id",
        &ids,
        &column(|c| c.sede_id.into()),
        &column(|c| c.mascota_id.into()),
        &column(|c| c.medico_id.into()),
        &column(|c| c.servicio_id.into()),
        &ambientes as &[Option<Uuid>],
        times(|c| c.inicio) as _,
        times(|c| c.fin) as _,
        times(|c| c.ocupado_desde) as _,
        times(|c| c.ocupado_hasta) as _,
        &estados,
        &activas,
        &motivos as &[Option<String>],
        now.to_sqlx() as _,
        author,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(done)
}
