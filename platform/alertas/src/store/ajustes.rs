//! Whether and when a chain writes: one row, or none where nobody set anything.
use crate::model::{Ajustes, DatosAjustes};
use jiff::civil::Time;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, ids::TenantId};
use pacientes::Medio;
use sqlx::PgConnection;

fn hhmm(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

pub fn claves(medios: &[Medio]) -> Vec<String> {
    medios.iter().map(|medio| medio.clave().to_owned()).collect()
}

pub fn medios(claves: &[String]) -> Vec<Medio> {
    claves.iter().filter_map(|clave| Medio::read(clave)).collect()
}

/// What the chain set; `None` where it never did.
pub async fn find(tx: &mut Tx) -> Result<Option<Ajustes>, Problem> {
    let row = sqlx::query!(
        "select confirmaciones, recordatorios, recordatorio_horas, silencio_desde, silencio_hasta, remitente, responder_a, anclas_a,
                canales, version
           from correos_ajustes"
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Ajustes {
        datos: DatosAjustes {
            confirmaciones: row.confirmaciones,
            recordatorios: row.recordatorios,
            recordatorio_horas: row.recordatorio_horas,
            silencio_desde: hhmm(row.silencio_desde.to_jiff()),
            silencio_hasta: hhmm(row.silencio_hasta.to_jiff()),
            remitente: row.remitente,
            responder_a: row.responder_a,
            anclas_a: row.anclas_a,
            canales: medios(&row.canales),
        },
        version: row.version,
    }))
}

pub async fn get(tx: &mut Tx) -> Result<Ajustes, Problem> {
    Ok(find(tx).await?.unwrap_or_else(|| Ajustes { datos: DatosAjustes::default(), version: 1 }))
}

/// Two changes at once queue up, also when there is no row yet.
pub async fn hold(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'correos_ajustes', 0))")
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn put(tx: &mut Tx, datos: &DatosAjustes) -> Result<(), Problem> {
    let (desde, hasta) = datos.silencio();
    sqlx::query!(
        "insert into correos_ajustes as x (confirmaciones, recordatorios, recordatorio_horas, silencio_desde, silencio_hasta, remitente,
                responder_a, canales, anclas_a, version) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 2)
         on conflict (tenant_id) do update set confirmaciones = $1, recordatorios = $2, recordatorio_horas = $3, silencio_desde = $4,
                silencio_hasta = $5, remitente = $6, responder_a = $7, canales = $8, anclas_a = $9, version = x.version + 1",
        datos.confirmaciones,
        datos.recordatorios,
        datos.recordatorio_horas,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        datos.remitente,
        datos.responder_a,
        &claves(&datos.canales),
        datos.anclas_a
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Chains that chose a mailbox for their anchors and have no such letter. Role `huella_jobs`.
pub async fn con_anclas(db: &mut PgConnection, tipo: &str, clave: &str) -> Result<Vec<TenantId>, Problem> {
    let rows = sqlx::query_scalar!(
        "select a.tenant_id from correos_ajustes a join tenants t on t.id = a.tenant_id and t.activo
          where a.anclas_a is not null
            and not exists (select from mensajes m where m.tenant_id = a.tenant_id and m.tipo = $1 and m.clave = $2)",
        tipo,
        clave
    );
    Ok(rows.fetch_all(db).await?.into_iter().map(TenantId).collect())
}
