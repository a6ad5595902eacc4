//! The catalogue of antigens and vaccines.
use crate::model::{Antigeno, Catalogo, DatosAntigeno, DatosVacuna, Vacuna};
use kernel::{Problem, Tx, ids::VacunaId};

pub async fn antigenos(tx: &mut Tx, after: Option<&str>, limit: i64) -> Result<Vec<Antigeno>, Problem> {
    Ok(sqlx::query_as!(
        Antigeno,
        "select clave, nombre, especies, origen, activo, version from antigenos where $1::text is null or clave > $1 order by clave limit $2",
        after,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn lock_antigeno(tx: &mut Tx, clave: &str) -> Result<Option<Antigeno>, Problem> {
    Ok(sqlx::query_as!(
        Antigeno,
        "select clave, nombre, especies, origen, activo, version from antigenos where clave = $1 for update",
        clave
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert_antigeno(tx: &mut Tx, datos: &DatosAntigeno) -> Result<Antigeno, Problem> {
    Ok(sqlx::query_as!(
        Antigeno,
        "insert into antigenos (clave, nombre, especies, origen, activo) values ($1, $2, $3, $4, $5)
         returning clave, nombre, especies, origen, activo, version",
        datos.clave,
        datos.nombre.trim(),
        &datos.especies,
        datos.origen.trim(),
        datos.activo
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn update_antigeno(tx: &mut Tx, datos: &DatosAntigeno) -> Result<Antigeno, Problem> {
    Ok(sqlx::query_as!(
        Antigeno,
        "update antigenos set nombre = $2, especies = $3, origen = $4, activo = $5, version = version + 1 where clave = $1
         returning clave, nombre, especies, origen, activo, version",
        datos.clave,
        datos.nombre.trim(),
        &datos.especies,
        datos.origen.trim(),
        datos.activo
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// By name; of one species, or all.
pub async fn list(tx: &mut Tx, especie: Option<&str>, after: Option<&(String, VacunaId)>, limit: i64) -> Result<Vec<Vacuna>, Problem> {
    let (nombre, id) = after.map_or((None, None), |(nombre, id)| (Some(nombre.as_str()), Some(*id)));
    Ok(sqlx::query_as!(
        Vacuna,
        r#"select id as "id: VacunaId", clave, nombre, fabricante, especies, antigenos, alias, origen, activa, version from vacunas
            where ($1::text is null or $1 = any (especies)) and ($2::text is null or (nombre, id) > ($2, $3::uuid))
            order by nombre, id limit $4"#,
        especie,
        nombre,
        id as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// All of it: some dozens of lines.
pub async fn catalogo(tx: &mut Tx) -> Result<Catalogo, Problem> {
    Ok(Catalogo { antigenos: antigenos(tx, None, i64::MAX).await?, vacunas: list(tx, None, None, i64::MAX).await? })
}

pub async fn lock(tx: &mut Tx, id: VacunaId) -> Result<Option<Vacuna>, Problem> {
    Ok(sqlx::query_as!(
        Vacuna,
        r#"select id as "id: VacunaId", clave, nombre, fabricante, especies, antigenos, alias, origen, activa, version from vacunas
            where id = $1 for update"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert(tx: &mut Tx, datos: &DatosVacuna) -> Result<Vacuna, Problem> {
    Ok(sqlx::query_as!(
        Vacuna,
        r#"insert into vacunas (id, clave, nombre, fabricante, especies, antigenos, alias, origen, activa)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           returning id as "id: VacunaId", clave, nombre, fabricante, especies, antigenos, alias, origen, activa, version"#,
        VacunaId::new() as _,
        datos.clave,
        datos.nombre.trim(),
        datos.fabricante,
        &datos.especies,
        &datos.antigenos,
        &datos.alias,
        datos.origen.trim(),
        datos.activa
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn update(tx: &mut Tx, id: VacunaId, datos: &DatosVacuna) -> Result<Vacuna, Problem> {
    Ok(sqlx::query_as!(
        Vacuna,
        r#"update vacunas set nombre = $2, fabricante = $3, especies = $4, antigenos = $5, alias = $6, origen = $7, activa = $8,
                  version = version + 1
            where id = $1
           returning id as "id: VacunaId", clave, nombre, fabricante, especies, antigenos, alias, origen, activa, version"#,
        id as _,
        datos.nombre.trim(),
        datos.fabricante,
        &datos.especies,
        &datos.antigenos,
        &datos.alias,
        datos.origen.trim(),
        datos.activa
    )
    .fetch_one(&mut **tx)
    .await?)
}
