//! Many owners and pets at once, a statement per table.
use super::{palabras::Entradas, tutores};
use crate::model::{FichaMascota, FichaTutor, Identificador, IdentificadorTipo, Sexo};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    ids::{EspecieId, MascotaId, PesoId, RazaId, TutorId},
    text::DocumentoTipo,
};
use uuid::Uuid;

pub struct Tutor<'a> {
    pub id: TutorId,
    pub ficha: &'a FichaTutor,
    pub en: Timestamp,
}

pub struct Mascota<'a> {
    pub id: MascotaId,
    pub tutor: TutorId,
    pub ficha: &'a FichaMascota,
    pub en: Timestamp,
    pub desde: Date,
    pub hecho: serde_json::Value,
}

/// A weight that somebody took.
#[derive(Debug, Clone, Copy)]
pub struct Pesada {
    pub id: PesoId,
    pub mascota: MascotaId,
    pub en: Timestamp,
    pub gramos: i32,
}

type Bytes = Option<Vec<u8>>;

pub async fn owners(tx: &mut Tx, keys: &[PersonKey], all: &[Tutor<'_>]) -> Result<(), Problem> {
    let sealed: Vec<tutores::Cifrado> = all.iter().zip(keys).map(|(tutor, key)| tutores::seal(tx, key, tutor.ficha)).collect();
    let ids: Vec<TutorId> = all.iter().map(|tutor| tutor.id).collect();
    let nombres: Vec<&str> = all.iter().map(|tutor| tutor.ficha.nombres.as_str()).collect();
    let apellidos: Vec<&str> = all.iter().map(|tutor| tutor.ficha.apellidos.as_str()).collect();
    let tipos: Vec<Option<DocumentoTipo>> =
        all.iter().map(|tutor| tutor.ficha.documento.as_ref().map(|documento| documento.tipo)).collect();
    let ubigeos: Vec<Option<&str>> = all.iter().map(|tutor| tutor.ficha.ubigeo.as_deref()).collect();
    let notas: Vec<Option<&str>> = all.iter().map(|tutor| tutor.ficha.notas.as_deref()).collect();
    let en: Vec<jiff_sqlx::Timestamp> = all.iter().map(|tutor| tutor.en.to_sqlx()).collect();
    let column = |of: fn(&tutores::Cifrado) -> &Bytes| sealed.iter().map(|one| of(one).clone()).collect::<Vec<Bytes>>();
    sqlx::query!(
        r#"insert into tutores (id, nombres, apellidos, documento_tipo, documento_cifrado, documento_indice, telefono_cifrado,
                                telefono_indice, telefono_final, correo_cifrado, correo_indice, direccion_cifrada, ubigeo, notas,
                                creado_en, actualizado_en)
           select t.*, t.en from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[],
                                        $9::bytea[], $10::bytea[], $11::bytea[], $12::bytea[], $13::text[], $14::text[], $15::timestamptz[])
                    as t(id, nombres, apellidos, tipo, documento, documento_indice, telefono, telefono_indice, telefono_final, correo,
                         correo_indice, direccion, ubigeo, notas, en)"#,
        &ids as _,
        &nombres as _,
        &apellidos as _,
        &tipos as _,
        &column(|one| &one.documento) as _,
        &column(|one| &one.documento_indice) as _,
        &column(|one| &one.telefono) as _,
        &column(|one| &one.telefono_indice) as _,
        &column(|one| &one.telefono_final) as _,
        &column(|one| &one.correo) as _,
        &column(|one| &one.correo_indice) as _,
        &column(|one| &one.direccion) as _,
        &ubigeos as _,
        &notas as _,
        &en as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Pets, their owner, their first fact and their words.
pub async fn pets(tx: &mut Tx, all: &[Mascota<'_>], entradas: Entradas) -> Result<(), Problem> {
    let ids: Vec<MascotaId> = all.iter().map(|mascota| mascota.id).collect();
    let nombres: Vec<&str> = all.iter().map(|mascota| mascota.ficha.nombre.as_str()).collect();
    let especies: Vec<EspecieId> = all.iter().map(|mascota| mascota.ficha.especie_id).collect();
    let razas: Vec<Option<RazaId>> = all.iter().map(|mascota| mascota.ficha.raza_id).collect();
    let sexos: Vec<Sexo> = all.iter().map(|mascota| mascota.ficha.sexo).collect();
    let esterilizados: Vec<Option<bool>> = all.iter().map(|mascota| mascota.ficha.esterilizado).collect();
    let nacimientos: Vec<Option<jiff_sqlx::Date>> = all.iter().map(|mascota| mascota.ficha.nacimiento.map(ToSqlx::to_sqlx)).collect();
    let estimados: Vec<bool> = all.iter().map(|mascota| mascota.ficha.nacimiento_estimado).collect();
    let colores: Vec<Option<&str>> = all.iter().map(|mascota| mascota.ficha.color.as_deref()).collect();
    let notas: Vec<Option<&str>> = all.iter().map(|mascota| mascota.ficha.notas.as_deref()).collect();
    let en: Vec<jiff_sqlx::Timestamp> = all.iter().map(|mascota| mascota.en.to_sqlx()).collect();
    sqlx::query!(
        r#"insert into mascotas (id, nombre, especie_id, raza_id, sexo, esterilizado, nacimiento, nacimiento_estimado, color, notas,
                                 creado_en, actualizado_en)
           select m.*, m.en from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::bool[], $7::date[], $8::bool[],
                                        $9::text[], $10::text[], $11::timestamptz[])
                    as m(id, nombre, especie, raza, sexo, esterilizado, nacimiento, estimado, color, notas, en)"#,
        &ids as _,
        &nombres as _,
        &especies as _,
        &razas as _,
        &sexos as _,
        &esterilizados as _,
        &nacimientos as _,
        &estimados,
        &colores as _,
        &notas as _,
        &en as _,
    )
    .execute(&mut **tx)
    .await?;
    links(tx, &ids, &en, all).await?;
    let tutores: Vec<TutorId> = all.iter().map(|mascota| mascota.tutor).collect();
    super::palabras::forget_tutores(tx, &tutores).await?;
    super::palabras::insert(tx, entradas).await
}

async fn links(tx: &mut Tx, ids: &[MascotaId], en: &[jiff_sqlx::Timestamp], all: &[Mascota<'_>]) -> Result<(), Problem> {
    let autor = tx.author();
    let new_ids = || -> Vec<Uuid> { all.iter().map(|_| Uuid::now_v7()).collect() };
    let tutores: Vec<TutorId> = all.iter().map(|mascota| mascota.tutor).collect();
    let desde: Vec<jiff_sqlx::Date> = all.iter().map(|mascota| mascota.desde.to_sqlx()).collect();
    let hechos: Vec<serde_json::Value> = all.iter().map(|mascota| mascota.hecho.clone()).collect();
    sqlx::query!(
        "insert into tutores_mascotas (id, tutor_id, mascota_id, relacion, desde)
         select v.id, v.tutor, v.mascota, 'propietario', v.desde
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::date[]) as v(id, tutor, mascota, desde)",
        &new_ids(),
        &tutores as _,
        ids as _,
        &desde as _
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "insert into mascotas_hechos (id, mascota_id, en, tipo, detalle, autor_id)
         select h.id, h.mascota, h.en, 'registro', h.detalle, $5
           from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::jsonb[]) as h(id, mascota, en, detalle)",
        &new_ids(),
        ids as _,
        en as _,
        &hechos,
        autor
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn identifiers(tx: &mut Tx, all: &[(MascotaId, &Identificador)]) -> Result<(), Problem> {
    let mascotas: Vec<MascotaId> = all.iter().map(|(id, _)| *id).collect();
    let tipos: Vec<IdentificadorTipo> = all.iter().map(|(_, one)| one.tipo).collect();
    let valores: Vec<&str> = all.iter().map(|(_, one)| one.valor.trim()).collect();
    let normales: Vec<String> = all.iter().map(|(_, one)| one.normal()).collect();
    sqlx::query!(
        "insert into mascotas_identificadores (mascota_id, tipo, valor, normal)
         select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])",
        &mascotas as _,
        &tipos as _,
        &valores as _,
        &normales
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn weights(tx: &mut Tx, all: &[Pesada]) -> Result<(), Problem> {
    let autor = tx.author();
    let ids: Vec<PesoId> = all.iter().map(|peso| peso.id).collect();
    let mascotas: Vec<MascotaId> = all.iter().map(|peso| peso.mascota).collect();
    let en: Vec<jiff_sqlx::Timestamp> = all.iter().map(|peso| peso.en.to_sqlx()).collect();
    let gramos: Vec<i32> = all.iter().map(|peso| peso.gramos).collect();
    sqlx::query!(
        "insert into pesos (id, mascota_id, pesado_en, kg, autor_id)
         select p.id, p.mascota, p.en, p.gramos / 1000.0, $5
           from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::int[]) as p(id, mascota, en, gramos)",
        &ids as _,
        &mascotas as _,
        &en as _,
        &gramos,
        autor
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Owners and pets.
pub async fn count(tx: &mut Tx) -> Result<(i64, i64), Problem> {
    let row = sqlx::query!(r#"select (select count(*) from tutores) as "tutores!", (select count(*) from mascotas) as "mascotas!""#)
        .fetch_one(&mut **tx)
        .await?;
    Ok((row.tutores, row.mascotas))
}
