//! Terms that run out: found in all chains at once, told in each.
use crate::model::plazo;
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx;
use kernel::{Event, Problem, Tx, ids::TenantId};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// So long before its end somebody is told that an incident's term runs out.
const PRONTO: SignedDuration = SignedDuration::from_hours(12);

/// Chains with a term that runs out or ran out and of which nobody was told. Role `huella_jobs`.
pub async fn con_avisos(db: &mut PgConnection, now: Timestamp) -> Result<Vec<TenantId>, Problem> {
    let hoy = plazo::hoy(now).to_sqlx();
    let rows = sqlx::query_scalar!(
        r#"select tenant_id as "tenant!" from solicitudes_datos
            where estado = 'recibida' and (aviso_el <= $1 and aviso is null or vence_el < $1 and aviso is distinct from 'vencida')
           union
           select tenant_id from incidentes_datos
            where estado = 'abierto' and (vence_en <= $3 and aviso is null or vence_en < $2 and aviso is distinct from 'vencido')"#,
        hoy as _,
        now.to_sqlx() as _,
        (now + PRONTO).to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(TenantId).collect())
}

/// Chains with a rule that was not kept since. Role `huella_jobs`.
pub async fn con_conservacion(db: &mut PgConnection, desde: Timestamp) -> Result<Vec<TenantId>, Problem> {
    let rows = sqlx::query_scalar!(
        "select distinct tenant_id from reglas_conservacion where activa and (cumplida_en is null or cumplida_en < $1) order by tenant_id",
        desde.to_sqlx() as _
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(TenantId).collect())
}

/// How many requests and incidents were told of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Avisados {
    pub solicitudes: usize,
    pub incidentes: usize,
}

/// Tells of the terms of one chain, each once when it is about to end and once when it ended.
pub async fn avisar(tx: &mut Tx) -> Result<Avisados, Problem> {
    let now = tx.now();
    let hoy = plazo::hoy(now).to_sqlx();
    let solicitudes = sqlx::query!(
        r#"update solicitudes_datos set aviso = case when vence_el < $1 then 'vencida' else 'por_vencer' end
            where estado = 'recibida' and (aviso_el <= $1 and aviso is null or vence_el < $1 and aviso is distinct from 'vencida')
           returning id, numero, vence_el as "vence_el: jiff_sqlx::Date", aviso"#,
        hoy as _
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in &solicitudes {
        let tema = if row.aviso.as_deref() == Some("vencida") { "derecho.vencido" } else { "derecho.por_vencer" };
        let vence_el = row.vence_el.map(|day| day.to_jiff());
        tx.publish(Event::new(tema, json!({ "solicitud_id": row.id, "numero": row.numero, "vence_el": vence_el })));
    }
    let incidentes = sqlx::query!(
        r#"update incidentes_datos set aviso = case when vence_en < $1 then 'vencido' else 'por_vencer' end
            where estado = 'abierto' and (vence_en <= $2 and aviso is null or vence_en < $1 and aviso is distinct from 'vencido')
           returning id as "id: Uuid", numero, vence_en, aviso"#,
        now.to_sqlx() as _,
        (now + PRONTO).to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in &incidentes {
        let tema = if row.aviso.as_deref() == Some("vencido") { "incidente.vencido" } else { "incidente.por_vencer" };
        tx.publish(Event::new(tema, json!({ "incidente_id": row.id, "numero": row.numero, "vence_en": row.vence_en.to_jiff() })));
    }
    Ok(Avisados { solicitudes: solicitudes.len(), incidentes: incidentes.len() })
}
