//! Every SQL statement of plugins.
pub mod corridas;
pub mod editores;
pub mod estado;
pub mod ganchos;
pub mod instalaciones;
pub mod modulos;
pub mod operaciones;
pub mod secretos;
pub mod versiones;

use kernel::{Problem, Tx};

/// Whether this is the platform's own chain, and whether it is a sandbox. Set by the operator alone.
#[derive(Debug, Clone, Copy)]
pub struct Cadena {
    pub plataforma: bool,
    pub sandbox: bool,
}

pub async fn cadena(tx: &mut Tx) -> Result<Cadena, Problem> {
    Ok(sqlx::query_as!(Cadena, "select plataforma, sandbox from tenants where id = tenant_actual()").fetch_one(&mut **tx).await?)
}

/// The positions of what is no sede of the chain.
pub async fn unknown_sedes(tx: &mut Tx, sedes: &[kernel::ids::SedeId]) -> Result<Vec<i64>, Problem> {
    let ids: Vec<uuid::Uuid> = sedes.iter().map(|sede| sede.0).collect();
    let rows = sqlx::query_scalar!(
        r#"select n - 1 as "n!" from unnest($1::uuid[]) with ordinality as dado(id, n)
            where not exists (select from v_sedes s where s.id = dado.id and s.activa) order by n"#,
        &ids
    );
    Ok(rows.fetch_all(&mut **tx).await?)
}
