//! Terms that run out: found in all chains at once, told in each.
use crate::model::{Aviso, Tipo, codigo, dia};
use jiff::{Timestamp, civil::Date, tz};
use jiff_sqlx::ToSqlx;
use kernel::{
    Event, Problem, Tx,
    ids::{SedeId, TenantId},
};
use serde_json::json;
use sqlx::PgConnection;

/// The day in Peru: one zone, UTC−5, no summer time.
fn hoy(now: Timestamp) -> Date {
    now.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date()
}

/// Chains with a sheet whose term runs out or ran out and of which nobody was told. Role `huella_jobs`.
pub async fn con_avisos(db: &mut PgConnection, now: Timestamp) -> Result<Vec<TenantId>, Problem> {
    let hoy = hoy(now).to_sqlx();
    let rows = sqlx::query_scalar!(
        "select distinct tenant_id from reclamos
          where respondido_en is null
            and (aviso < 1 and aviso_el <= $1 or aviso < 2 and aviso_final_el <= $1 or aviso < 3 and vence_el < $1)",
        hoy as _
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(TenantId).collect())
}

/// Notes which sheets of a chain are to be told of, each once on its tenth and on its thirteenth working day and once when
/// its term is over; who is told, the caller knows.
pub async fn avisar(tx: &mut Tx) -> Result<Vec<Aviso>, Problem> {
    let hoy = hoy(tx.now()).to_sqlx();
    let rows = sqlx::query!(
        r#"update reclamos set aviso = case when vence_el < $1 then 3 when aviso_final_el <= $1 then 2 else 1 end
            where respondido_en is null
              and (aviso < 1 and aviso_el <= $1 or aviso < 2 and aviso_final_el <= $1 or aviso < 3 and vence_el < $1)
           returning id, sede_id as "sede_id: SedeId", numero, anio, tipo as "tipo: Tipo", vence_el, aviso"#,
        hoy as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut told = Vec::new();
    for row in rows {
        let (tema, word) = if row.aviso == 3 { ("reclamo.vencido", "venció") } else { ("reclamo.por_vencer", "vence") };
        let (codigo, vence_el) = (codigo(row.numero, row.anio), row.vence_el.to_jiff());
        let said = json!({ "reclamo_id": row.id, "sede_id": row.sede_id, "codigo": codigo, "vence_el": vence_el });
        tx.publish(Event::new(tema, said).sede(row.sede_id));
        let situacion = format!("{word} el {}", dia(vence_el));
        told.push(Aviso { reclamo: row.id, sede: row.sede_id, codigo, tipo: row.tipo.nombre(), situacion, nivel: row.aviso });
    }
    Ok(told)
}
