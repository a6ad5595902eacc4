//! Who is there already, asked for the rows of a file at once.
//!
//! Each row is looked up by itself (`lateral … offset 0`): a new chain's tables grow faster than their statistics, and where a
//! plan may choose, it reads all of a chain to compare it with the list. What is compared is a column: `coalesce` might tell
//! something of a row in an error, so row-level security would not let an index look for it.
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{EspecieId, MascotaId, TutorId},
};
use std::collections::HashMap;

/// An owner as far as a file is compared with it.
#[derive(Debug, Clone)]
pub struct TutorConocido {
    /// Of the record that goes on, if this one was merged.
    pub id: TutorId,
    /// The record that has what was asked for.
    pub de: TutorId,
    pub documento: Option<Vec<u8>>,
    pub telefono: Option<Vec<u8>>,
    pub correo: Option<Vec<u8>>,
    pub nombre: String,
    /// Fields without a value.
    pub vacios: Vec<String>,
    pub anonimo: bool,
}

pub async fn owners(
    tx: &mut Tx,
    ids: &[TutorId],
    documentos: &[Vec<u8>],
    telefonos: &[Vec<u8>],
    correos: &[Vec<u8>],
) -> Result<Vec<TutorConocido>, Problem> {
    let rows = sqlx::query!(
        r#"with estos as (
             select t.id from unnest($1::uuid[]) as k cross join lateral (select id from tutores where id = k offset 0) t
             union select t.id from unnest($2::bytea[]) as k cross join lateral (select id from tutores where documento_indice = k offset 0) t
             union select t.id from unnest($3::bytea[]) as k cross join lateral (select id from tutores where telefono_indice = k offset 0) t
             union select t.id from unnest($4::bytea[]) as k cross join lateral (select id from tutores where correo_indice = k offset 0) t)
           select t.vigente as "id!: TutorId", t.id as "de!: TutorId", t.documento_indice, t.telefono_indice, t.correo_indice,
                  a.nombres || ' ' || a.apellidos as "nombre!", a.anonimizado_en is not null as "anonimo!",
                  array_remove(array[case when a.telefono_cifrado is null then 'telefono' end, case when a.correo_cifrado is null then 'correo' end,
                                     case when a.direccion_cifrada is null then 'direccion' end, case when a.ubigeo is null then 'ubigeo' end,
                                     case when a.notas is null then 'notas' end, case when a.documento_cifrado is null then 'documento' end], null)
                    as "vacios!"
             from estos cross join lateral (select *, coalesce(fusionado_con, id) as vigente from tutores where id = estos.id offset 0) t
                  cross join lateral (select * from tutores where id = t.vigente offset 0) a"#,
        ids as _,
        documentos,
        telefonos,
        correos
    )
    .fetch_all(&mut **tx)
    .await?;
    let known = rows.into_iter().map(|row| TutorConocido {
        id: row.id,
        de: row.de,
        documento: row.documento_indice,
        telefono: row.telefono_indice,
        correo: row.correo_indice,
        nombre: row.nombre,
        vacios: row.vacios,
        anonimo: row.anonimo,
    });
    Ok(known.collect())
}

/// A pet as far as a file is compared with it.
#[derive(Debug, Clone)]
pub struct MascotaConocida {
    pub id: MascotaId,
    pub tutor: TutorId,
    pub nombre: String,
    pub especie: EspecieId,
}

pub async fn pets(tx: &mut Tx, tutores: &[TutorId]) -> Result<Vec<MascotaConocida>, Problem> {
    let rows = sqlx::query!(
        r#"select k.tutor as "tutor!: TutorId", m.id, m.nombre, m.especie_id from (select distinct unnest($1::uuid[]) as tutor) k
             cross join lateral (select mascota_id from tutores_mascotas where tutor_id = k.tutor and hasta is null offset 0) v
             cross join lateral (select * from mascotas where id = v.mascota_id offset 0) m
            where m.fallecida_en is null and m.fusionada_con is null"#,
        tutores as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let pets = rows.into_iter().map(|row| MascotaConocida { id: row.id, tutor: row.tutor, nombre: row.nombre, especie: row.especie_id });
    Ok(pets.collect())
}

pub async fn chipped(tx: &mut Tx, microchips: &[String]) -> Result<HashMap<String, MascotaId>, Problem> {
    let rows = sqlx::query!(
        r#"select k.normal as "normal!", coalesce(m.fusionada_con, m.id) as "id!: MascotaId" from unnest($1::text[]) as k(normal)
             cross join lateral (select mascota_id from mascotas_identificadores where tipo = 'microchip' and normal = k.normal offset 0) i
             cross join lateral (select * from mascotas where id = i.mascota_id offset 0) m"#,
        microchips
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.normal, row.id)).collect())
}

/// Of these pets, each as it goes on: itself, or what it was merged into.
pub async fn going_on(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<HashMap<MascotaId, MascotaId>, Problem> {
    let rows = sqlx::query!(
        r#"select m.id, coalesce(m.fusionada_con, m.id) as "vigente!: MascotaId" from unnest($1::uuid[]) as k
             cross join lateral (select id, fusionada_con from mascotas where id = k offset 0) m"#,
        mascotas as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.vigente)).collect())
}

/// A pet and the records that were merged into it.
pub async fn con_las_fusionadas(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<MascotaId>, Problem> {
    Ok(sqlx::query_scalar!("select id from mascotas where id = $1 or fusionada_con = $1", mascota as _).fetch_all(&mut **tx).await?)
}

/// Empties fields that an import had filled in. The version goes on: others may have seen what was there.
pub async fn empty(tx: &mut Tx, id: TutorId, campos: &[String]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        r#"update tutores set
             telefono_cifrado = case when 'telefono' = any ($2) then null else telefono_cifrado end,
             telefono_indice = case when 'telefono' = any ($2) then null else telefono_indice end,
             telefono_final = case when 'telefono' = any ($2) then null else telefono_final end,
             correo_cifrado = case when 'correo' = any ($2) then null else correo_cifrado end,
             correo_indice = case when 'correo' = any ($2) then null else correo_indice end,
             direccion_cifrada = case when 'direccion' = any ($2) then null else direccion_cifrada end,
             ubigeo = case when 'ubigeo' = any ($2) then null else ubigeo end,
             notas = case when 'notas' = any ($2) then null else notas end,
             documento_tipo = case when 'documento' = any ($2) then null else documento_tipo end,
             documento_cifrado = case when 'documento' = any ($2) then null else documento_cifrado end,
             documento_indice = case when 'documento' = any ($2) then null else documento_indice end,
             version = version + 1, actualizado_en = $3
           where id = $1"#,
        id as _,
        campos,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
