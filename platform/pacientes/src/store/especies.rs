//! Species and breeds of a chain.
use crate::model::{Especie, NuevaEspecie, NuevaRaza, Raza, Referencias};
use kernel::{
    Problem, Tx,
    ids::{EspecieId, RazaId, TutorId},
};

/// What a request refers to, in one round trip.
pub async fn referencias(
    tx: &mut Tx,
    especie: Option<EspecieId>,
    clave: Option<&str>,
    raza: Option<RazaId>,
    tutor: Option<TutorId>,
) -> Result<Referencias, Problem> {
    let row = sqlx::query!(
        r#"select e.id as "especie?: EspecieId", r.especie_id as "especie_de_raza?: EspecieId",
                  coalesce(not e.activa, false) as "especie_retirada!", coalesce(not r.activa, false) as "raza_retirada!",
                  exists (select from tutores where id = $4 and fusionado_con is null) as "hay_tutor!"
             from (select) nada
             left join lateral (select id, activa from especies where id = $1 or clave = $2 limit 1) e on true
             left join razas r on r.id = $3"#,
        especie as _,
        clave,
        raza as _,
        tutor as _,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Referencias {
        especie: row.especie,
        especie_de_raza: row.especie_de_raza,
        hay_tutor: row.hay_tutor,
        especie_retirada: row.especie_retirada,
        raza_retirada: row.raza_retirada,
    })
}

pub async fn list(tx: &mut Tx, after: Option<&(String, EspecieId)>, limit: i64) -> Result<Vec<Especie>, Problem> {
    let (nombre, id) = after.map_or((None, None), |(nombre, id)| (Some(nombre.as_str()), Some(*id)));
    Ok(sqlx::query_as!(
        Especie,
        r#"select id, clave, nombre, activa, version from especies
            where $1::text is null or (nombre, id) > ($1, $2::uuid) order by nombre, id limit $3"#,
        nombre,
        id as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn all(tx: &mut Tx) -> Result<Vec<Especie>, Problem> {
    list(tx, None, i64::MAX).await
}

pub async fn find(tx: &mut Tx, id: EspecieId) -> Result<Option<Especie>, Problem> {
    Ok(sqlx::query_as!(Especie, "select id, clave, nombre, activa, version from especies where id = $1", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn lock(tx: &mut Tx, id: EspecieId) -> Result<Option<Especie>, Problem> {
    Ok(sqlx::query_as!(Especie, "select id, clave, nombre, activa, version from especies where id = $1 for update", id as _)
        .fetch_optional(&mut **tx)
        .await?)
}

pub async fn insert(tx: &mut Tx, nueva: &NuevaEspecie) -> Result<Especie, Problem> {
    Ok(sqlx::query_as!(
        Especie,
        "insert into especies (id, clave, nombre, activa) values ($1, $2, $3, $4) returning id, clave, nombre, activa, version",
        EspecieId::new() as _,
        nueva.clave,
        nueva.nombre.trim(),
        nueva.activa
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn update(tx: &mut Tx, id: EspecieId, nombre: &str, activa: bool) -> Result<Especie, Problem> {
    Ok(sqlx::query_as!(
        Especie,
        "update especies set nombre = $2, activa = $3, version = version + 1 where id = $1 returning id, clave, nombre, activa, version",
        id as _,
        nombre.trim(),
        activa
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn breeds(tx: &mut Tx, especie: EspecieId, after: Option<&(String, RazaId)>, limit: i64) -> Result<Vec<Raza>, Problem> {
    let (nombre, id) = after.map_or((None, None), |(nombre, id)| (Some(nombre.as_str()), Some(*id)));
    Ok(sqlx::query_as!(
        Raza,
        r#"select id, especie_id, nombre, peligrosa, activa, version from razas
            where especie_id = $1 and ($2::text is null or (nombre, id) > ($2, $3::uuid)) order by nombre, id limit $4"#,
        especie as _,
        nombre,
        id as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn lock_breed(tx: &mut Tx, especie: EspecieId, id: RazaId) -> Result<Option<Raza>, Problem> {
    Ok(sqlx::query_as!(
        Raza,
        "select id, especie_id, nombre, peligrosa, activa, version from razas where especie_id = $1 and id = $2 for update",
        especie as _,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn insert_breed(tx: &mut Tx, especie: EspecieId, nueva: &NuevaRaza) -> Result<Raza, Problem> {
    Ok(sqlx::query_as!(
        Raza,
        "insert into razas (id, especie_id, nombre, peligrosa, activa) values ($1, $2, $3, $4, $5)
         returning id, especie_id, nombre, peligrosa, activa, version",
        RazaId::new() as _,
        especie as _,
        nueva.nombre.trim(),
        nueva.peligrosa,
        nueva.activa
    )
    .fetch_one(&mut **tx)
    .await?)
}

pub async fn update_breed(tx: &mut Tx, id: RazaId, datos: &NuevaRaza) -> Result<Raza, Problem> {
    Ok(sqlx::query_as!(
        Raza,
        "update razas set nombre = $2, peligrosa = $3, activa = $4, version = version + 1 where id = $1
         returning id, especie_id, nombre, peligrosa, activa, version",
        id as _,
        datos.nombre.trim(),
        datos.peligrosa,
        datos.activa
    )
    .fetch_one(&mut **tx)
    .await?)
}
