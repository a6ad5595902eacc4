//! A chain's own words.
use crate::model::{Partes, PlantillaDeTipo, Tipo};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use std::collections::HashMap;

/// What is in force for every kind, in the order of the list.
pub async fn all(tx: &mut Tx) -> Result<Vec<PlantillaDeTipo>, Problem> {
    let rows = sqlx::query!("select tipo, asunto, texto, html, version from correos_plantillas").fetch_all(&mut **tx).await?;
    let mut own: HashMap<String, (Option<Partes>, i32)> = rows
        .into_iter()
        .map(|row| {
            let parts = row.asunto.zip(row.texto).zip(row.html).map(|((asunto, texto), html)| Partes { asunto, texto, html });
            (row.tipo, (parts, row.version))
        })
        .collect();
    let in_force = Tipo::ALL.iter().map(|tipo| {
        let (own, version) = own.remove(tipo.clave()).unwrap_or((None, 0));
        let variables = tipo.variables().copied().collect();
        PlantillaDeTipo { tipo: *tipo, propia: own.is_some(), partes: own.unwrap_or_else(|| tipo.base().clone()), variables, version }
    });
    Ok(in_force.collect())
}

pub async fn get(tx: &mut Tx, tipo: Tipo) -> Result<PlantillaDeTipo, Problem> {
    all(tx).await?.into_iter().find(|plantilla| plantilla.tipo == tipo).ok_or_else(Problem::not_found)
}

/// Until the transaction ends nobody else changes this kind.
pub async fn hold(tx: &mut Tx, tipo: Tipo) -> Result<PlantillaDeTipo, Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'plantilla:' || $1::text, 0))", tipo.clave())
        .execute(&mut **tx)
        .await?;
    get(tx, tipo).await
}

/// `None`: back to the platform's.
pub async fn put(tx: &mut Tx, tipo: Tipo, partes: Option<&Partes>) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into correos_plantillas as p (tipo, asunto, texto, html, actualizada_en, actualizada_por) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, tipo) do update set asunto = $2, texto = $3, html = $4, actualizada_en = $5, actualizada_por = $6,
                version = p.version + 1",
        tipo.clave(),
        partes.map(|partes| partes.asunto.as_str()),
        partes.map(|partes| partes.texto.as_str()),
        partes.map(|partes| partes.html.as_str()),
        now as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
