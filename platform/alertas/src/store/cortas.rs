//! A chain's own few words.
use crate::model::{CanalCorto, Corta, PlantillaCorta, Tipo};
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx};
use pacientes::Medio;
use std::collections::HashMap;

/// What is in force for every kind and channel, in the order of the list.
pub async fn all(tx: &mut Tx) -> Result<Vec<PlantillaCorta>, Problem> {
    let rows = sqlx::query!("select tipo, canal, texto, plantilla, variables, botones, version from mensajes_plantillas")
        .fetch_all(&mut **tx)
        .await?;
    let mut own: HashMap<(String, String), (Option<Corta>, i32)> = rows
        .into_iter()
        .map(|row| {
            let (plantilla, variables, botones) = (row.plantilla, row.variables, row.botones);
            let corta = row.texto.map(|texto| Corta { texto, plantilla, variables, botones });
            ((row.tipo, row.canal), (corta, row.version))
        })
        .collect();
    let pairs = Tipo::ALL.iter().flat_map(|tipo| CanalCorto::ALL.map(|canal| (*tipo, canal)));
    let in_force = pairs.map(|(tipo, canal)| {
        let medio = canal.medio();
        let (own, version) = own.remove(&(tipo.clave().to_owned(), medio.clave().to_owned())).unwrap_or((None, 0));
        let dice = tipo.variables().copied().collect();
        PlantillaCorta { tipo, canal, propia: own.is_some(), corta: own.unwrap_or_else(|| tipo.corta(medio)), dice, version }
    });
    Ok(in_force.collect())
}

pub async fn of(tx: &mut Tx, tipo: Tipo, canal: CanalCorto) -> Result<PlantillaCorta, Problem> {
    let found = all(tx).await?.into_iter().find(|one| one.tipo == tipo && one.canal == canal);
    found.ok_or_else(Problem::not_found)
}

pub async fn get(tx: &mut Tx, tipo: Tipo, medio: Medio) -> Result<Corta, Problem> {
    let found = all(tx).await?.into_iter().find(|one| one.tipo == tipo && one.canal.medio() == medio);
    Ok(found.map_or_else(|| tipo.corta(medio), |one| one.corta))
}

/// Until the transaction ends nobody else changes it.
pub async fn hold(tx: &mut Tx, tipo: Tipo, canal: CanalCorto) -> Result<PlantillaCorta, Problem> {
    let name = format!("corta:{}:{}", tipo.clave(), canal.medio().clave());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || $1::text, 0))", name).execute(&mut **tx).await?;
    of(tx, tipo, canal).await
}

/// `None`: back to the platform's.
pub async fn put(tx: &mut Tx, tipo: Tipo, canal: CanalCorto, corta: Option<&Corta>) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into mensajes_plantillas as p (tipo, canal, texto, plantilla, variables, botones, actualizada_en, actualizada_por)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (tenant_id, tipo, canal) do update set texto = $3, plantilla = $4, variables = $5, botones = $6, actualizada_en = $7,
                actualizada_por = $8, version = p.version + 1",
        tipo.clave(),
        canal.medio().clave(),
        corta.map(|corta| corta.texto.as_str()),
        corta.and_then(|corta| corta.plantilla.as_deref()),
        corta.map_or(&[][..], |corta| &corta.variables),
        corta.is_some_and(|corta| corta.botones),
        now as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
