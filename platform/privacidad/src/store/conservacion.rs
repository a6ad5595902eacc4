//! How long things are kept, and what is due.
use crate::model::conservacion::{Clase, Regla};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use uuid::Uuid;

/// All that the chain decided, or may.
pub async fn rules(tx: &mut Tx) -> Result<Vec<Regla>, Problem> {
    let rows = sqlx::query!(
        r#"select clase as "clase: Clase", meses, activa, ensayada_en as "ensayada_en: jiff_sqlx::Timestamp", ensayo_cantidad,
                  cumplida_en as "cumplida_en: jiff_sqlx::Timestamp", cumplida_cantidad, version from reglas_conservacion"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut rules: Vec<Regla> = Clase::ALL.into_iter().map(Regla::sin_decidir).collect();
    for row in rows {
        let Some(rule) = rules.iter_mut().find(|rule| rule.clase == row.clase) else { continue };
        (rule.meses, rule.activa, rule.version) = (row.meses, row.activa, row.version);
        (rule.ensayada_en, rule.ensayo_cantidad) = (row.ensayada_en.map(|en| en.to_jiff()), row.ensayo_cantidad);
        (rule.cumplida_en, rule.cumplida_cantidad) = (row.cumplida_en.map(|en| en.to_jiff()), row.cumplida_cantidad);
    }
    Ok(rules)
}

/// One rule; changes of it come one after the other, also of one that has no row yet.
pub async fn hold(tx: &mut Tx, clase: Clase) -> Result<Regla, Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'reglas_conservacion', 0))")
        .execute(&mut **tx)
        .await?;
    let found = rules(tx).await?.into_iter().find(|rule| rule.clase == clase);
    found.ok_or_else(Problem::not_found)
}

pub async fn save(tx: &mut Tx, rule: &Regla) -> Result<(), Problem> {
    sqlx::query!(
        "insert into reglas_conservacion as x (clase, meses, activa, ensayada_en, ensayo_cantidad, cumplida_en, cumplida_cantidad, version)
         values ($1, $2, $3, $4, $5, $6, $7, 2)
         on conflict (tenant_id, clase) do update set meses = $2, activa = $3, ensayada_en = $4, ensayo_cantidad = $5, cumplida_en = $6,
           cumplida_cantidad = $7, version = x.version + 1",
        rule.clase as _,
        rule.meses,
        rule.activa,
        rule.ensayada_en.map(ToSqlx::to_sqlx) as _,
        rule.ensayo_cantidad,
        rule.cumplida_en.map(ToSqlx::to_sqlx) as _,
        rule.cumplida_cantidad
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Requests answered before that, the oldest first; with `entregado` only those whose copy is still there.
pub async fn answered(tx: &mut Tx, before: Timestamp, entregado: bool, limit: i64) -> Result<Vec<Uuid>, Problem> {
    Ok(sqlx::query_scalar!(
        "select id from solicitudes_datos where respondida_en < $1 and (not $2 or expediente_cifrado is not null) order by respondida_en, id limit $3",
        before.to_sqlx() as _,
        entregado,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn closed(tx: &mut Tx, before: Timestamp, limit: i64) -> Result<Vec<Uuid>, Problem> {
    Ok(sqlx::query_scalar!(
        "select id from incidentes_datos where cerrado_en < $1 order by cerrado_en, id limit $2",
        before.to_sqlx() as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn delete_copies(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Problem> {
    sqlx::query!("update solicitudes_datos set expediente_cifrado = null where id = any ($1)", ids).execute(&mut **tx).await?;
    Ok(())
}

/// The requests, and the keys of what was written in them.
pub async fn delete_requests(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Problem> {
    for id in ids {
        tx.forget_person(*id).await?;
    }
    sqlx::query!("delete from solicitudes_datos where id = any ($1)", ids).execute(&mut **tx).await?;
    Ok(())
}

pub async fn delete_incidents(tx: &mut Tx, ids: &[Uuid]) -> Result<(), Problem> {
    sqlx::query!("delete from incidentes_datos where id = any ($1)", ids).execute(&mut **tx).await?;
    Ok(())
}
