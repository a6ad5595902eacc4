//! What goes on under another record without being moved.
use crate::model::Seguido;
use kernel::{Problem, Tx};
use sqlx::types::Json;
use uuid::Uuid;

/// How much goes on with a record, and with those that had been merged into it, in all sedes.
pub async fn followed(tx: &mut Tx, de: Uuid, punteros: &[Uuid]) -> Result<Seguido, Problem> {
    let ids: Vec<Uuid> = [de].into_iter().chain(punteros.iter().copied()).collect();
    let seguido = sqlx::query_scalar!(r#"select fusion_seguido($1) as "seguido!: Json<Seguido>""#, &ids);
    Ok(seguido.fetch_one(&mut **tx).await?.0)
}
