//! Identifiers of a pet. A microchip names one pet in the chain.
use crate::model::{Identificado, Identificador, IdentificadorTipo, problemas};
use kernel::{Problem, Tx, ids::MascotaId};

/// Inserts them all, or says which other pet has that microchip.
pub async fn insert(tx: &mut Tx, mascota: MascotaId, all: &[Identificador]) -> Result<(), Problem> {
    if all.is_empty() {
        return Ok(());
    }
    let tipos: Vec<IdentificadorTipo> = all.iter().map(|one| one.tipo).collect();
    let valores: Vec<String> = all.iter().map(|one| one.valor.trim().to_owned()).collect();
    let normales: Vec<String> = all.iter().map(Identificador::normal).collect();
    let done = sqlx::query!(
        "insert into mascotas_identificadores (mascota_id, tipo, valor, normal)
         select $1, * from unnest($2::text[], $3::text[], $4::text[]) on conflict do nothing",
        mascota as _,
        &tipos as _,
        &valores,
        &normales
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() as usize == all.len() { Ok(()) } else { Err(taken(tx, mascota, &normales).await?) }
}

/// Whose microchip it is already.
async fn taken(tx: &mut Tx, mascota: MascotaId, normales: &[String]) -> Result<Problem, Problem> {
    let other = sqlx::query!(
        "select m.id, m.nombre, i.normal from mascotas_identificadores i join mascotas m on m.id = i.mascota_id
          where i.tipo = 'microchip' and i.normal = any ($1) and i.mascota_id <> $2 limit 1",
        normales,
        mascota as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(match other {
        Some(other) => Problem::new(problemas::MICROCHIP_YA_REGISTRADO)
            .detail(format!("El microchip {} es de {}.", other.normal, other.nombre))
            .with("mascota_id", other.id)
            .with("nombre", other.nombre),
        None => Problem::new(kernel::problem::kinds::DUPLICATE).detail("La mascota ya tiene ese identificador."),
    })
}

/// The identifier as it was written, if there was one.
pub async fn delete(tx: &mut Tx, mascota: MascotaId, tipo: IdentificadorTipo, normal: &str) -> Result<Option<String>, Problem> {
    let valor = sqlx::query_scalar!(
        "delete from mascotas_identificadores where mascota_id = $1 and tipo = $2 and normal = $3 returning valor",
        mascota as _,
        tipo as _,
        normal
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(valor)
}

pub async fn of(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<Identificado>, Problem> {
    let rows = sqlx::query!("select tipo, valor from mascotas_identificadores where mascota_id = $1 order by tipo, normal", mascota as _)
        .fetch_all(&mut **tx)
        .await?;
    Ok(rows.into_iter().map(|row| Identificado::new(row.tipo, row.valor)).collect())
}
