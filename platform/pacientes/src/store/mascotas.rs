//! Pets.
use super::{fusiones, identificadores, pesos, vinculos};
use crate::model::{EspecieBreve, FichaMascota, Mascota, RazaBreve, Retenida, unmerged};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, RazaId, SedeId},
};

/// `sede`: where it is registered; without one, wherever its author works.
pub async fn insert(tx: &mut Tx, id: MascotaId, ficha: &FichaMascota, sede: Option<SedeId>) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        r#"insert into mascotas (id, nombre, especie_id, raza_id, sexo, esterilizado, nacimiento, nacimiento_estimado, color, notas,
                                 creado_en, actualizado_en, sedes)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, case when $12::uuid is null then sedes_actuales() else array[$12::uuid] end)"#,
        id as _,
        ficha.nombre,
        ficha.especie_id as _,
        ficha.raza_id as _,
        ficha.sexo as _,
        ficha.esterilizado,
        ficha.nacimiento.map(ToSqlx::to_sqlx) as _,
        ficha.nacimiento_estimado,
        ficha.color,
        ficha.notas,
        now as _,
        sede as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn update(tx: &mut Tx, id: MascotaId, ficha: &FichaMascota) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        r#"update mascotas set nombre = $2, especie_id = $3, raza_id = $4, sexo = $5, esterilizado = $6, nacimiento = $7,
                  nacimiento_estimado = $8, color = $9, notas = $10, actualizado_en = $11, version = version + 1
            where id = $1"#,
        id as _,
        ficha.nombre,
        ficha.especie_id as _,
        ficha.raza_id as _,
        ficha.sexo as _,
        ficha.esterilizado,
        ficha.nacimiento.map(ToSqlx::to_sqlx) as _,
        ficha.nacimiento_estimado,
        ficha.color,
        ficha.notas,
        now as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Something that the pet's record shows changed elsewhere: owners, identifiers.
pub async fn touch(tx: &mut Tx, id: MascotaId) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!("update mascotas set version = version + 1, actualizado_en = $2 where id = $1", id as _, now as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The pet as it is now, locked until the transaction ends.
pub struct Actual {
    pub version: i32,
    pub ficha: FichaMascota,
    pub foto: Option<String>,
}

/// 409 for one that was merged: nothing about it changes any more.
pub async fn lock(tx: &mut Tx, id: MascotaId) -> Result<Option<Actual>, Problem> {
    let row = sqlx::query!(
        r#"select nombre, especie_id, raza_id, sexo, esterilizado, nacimiento as "nacimiento: jiff_sqlx::Date", nacimiento_estimado, color,
                  notas, foto, version, fusionada_con from mascotas where id = $1 for update"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    unmerged(row.as_ref().and_then(|row| row.fusionada_con))?;
    Ok(row.map(|row| Actual {
        version: row.version,
        foto: row.foto,
        ficha: FichaMascota {
            nombre: row.nombre,
            especie_id: row.especie_id,
            raza_id: row.raza_id,
            sexo: row.sexo,
            esterilizado: row.esterilizado,
            nacimiento: row.nacimiento.map(|date| date.to_jiff()),
            nacimiento_estimado: row.nacimiento_estimado,
            color: row.color,
            notas: row.notas,
        },
    }))
}

/// Version and photo, without a lock.
pub async fn photo(tx: &mut Tx, id: MascotaId) -> Result<Option<(i32, Option<String>)>, Problem> {
    let row = sqlx::query!("select version, foto from mascotas where id = $1", id as _).fetch_optional(&mut **tx).await?;
    Ok(row.map(|row| (row.version, row.foto)))
}

pub async fn set_photo(tx: &mut Tx, id: MascotaId, foto: &str) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!("update mascotas set foto = $2, version = version + 1, actualizado_en = $3 where id = $1", id as _, foto, now as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn exists(tx: &mut Tx, id: MascotaId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select exists (select from mascotas where id = $1) as "hay!""#, id as _).fetch_one(&mut **tx).await?)
}

/// The pet, held as a weight or a link that refers to it would; 409 for one that was merged.
pub async fn hold(tx: &mut Tx, id: MascotaId) -> Result<Option<Retenida>, Problem> {
    let row = sqlx::query!(
        r#"select m.fusionada_con, e.clave as especie, m.nacimiento as "nacimiento: jiff_sqlx::Date", m.nacimiento_estimado,
                  m.fallecida_en as "fallecida_en: jiff_sqlx::Date"
             from mascotas m join especies e on e.id = m.especie_id where m.id = $1 for key share of m"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    unmerged(row.as_ref().and_then(|row| row.fusionada_con))?;
    Ok(row.map(|row| retenida(row.especie, row.nacimiento, row.nacimiento_estimado, row.fallecida_en)))
}

fn retenida(
    especie: String,
    nacimiento: Option<jiff_sqlx::Date>,
    nacimiento_estimado: bool,
    fallecida_en: Option<jiff_sqlx::Date>,
) -> Retenida {
    let date = |date: jiff_sqlx::Date| date.to_jiff();
    Retenida { especie, nacimiento: nacimiento.map(date), nacimiento_estimado, fallecida_en: fallecida_en.map(date) }
}

/// The same of any pet, merged or not, to read and not to write.
pub async fn brief(tx: &mut Tx, id: MascotaId) -> Result<Option<Retenida>, Problem> {
    let row = sqlx::query!(
        r#"select especie as "especie!", nacimiento as "nacimiento: jiff_sqlx::Date", nacimiento_estimado as "nacimiento_estimado!",
                  fallecida_en as "fallecida_en: jiff_sqlx::Date" from v_pacientes where id = $1"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| retenida(row.especie, row.nacimiento, row.nacimiento_estimado, row.fallecida_en)))
}

pub async fn find(tx: &mut Tx, id: MascotaId) -> Result<Option<Mascota>, Problem> {
    let row = sqlx::query!(
        r#"select m.id as "id!", m.nombre as "nombre!", m.especie_id as "especie_id!", e.clave as "especie_clave!",
                  e.nombre as "especie_nombre!", m.raza_id as "raza_id?: RazaId", r.nombre as "raza?", m.sexo as "sexo!", m.esterilizado,
                  m.nacimiento as "nacimiento: jiff_sqlx::Date", m.nacimiento_estimado as "nacimiento_estimado!", m.color, m.notas,
                  m.foto is not null as "tiene_foto!", m.fallecida_en as "fallecida_en: jiff_sqlx::Date", m.version as "version!",
                  m.fusionada_con as "fusionada_con: MascotaId", m.origen,
                  m.creado_en as "creado_en!", m.actualizado_en as "actualizado_en!"
             from mascotas m join especies e on e.id = m.especie_id left join razas r on r.id = m.raza_id
            where m.id = $1"#,
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let especie = EspecieBreve { id: row.especie_id, clave: row.especie_clave, nombre: row.especie_nombre };
    Ok(Some(Mascota {
        id: row.id,
        nombre: row.nombre,
        especie,
        raza: row.raza_id.zip(row.raza).map(|(id, nombre)| RazaBreve { id, nombre }),
        sexo: row.sexo,
        esterilizado: row.esterilizado,
        nacimiento: row.nacimiento.map(|date| date.to_jiff()),
        nacimiento_estimado: row.nacimiento_estimado,
        color: row.color,
        notas: row.notas,
        identificadores: identificadores::of(tx, id).await?,
        ultimo_peso: pesos::list(tx, id, None, 1).await?.pop(),
        tiene_foto: row.tiene_foto,
        fallecida_en: row.fallecida_en.map(|date| date.to_jiff()),
        fusionada_con: row.fusionada_con,
        fusionadas: fusiones::into_pet(tx, id).await?,
        tutores: vinculos::of_pet(tx, id, true, None, 50).await?,
        origen: row.origen,
        version: row.version,
        creado_en: row.creado_en.to_jiff(),
        actualizado_en: row.actualizado_en.to_jiff(),
    }))
}
