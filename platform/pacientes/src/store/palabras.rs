//! The search index: words of the names of a pet and of its present owners.
use crate::model::palabras::{self, Fuente};
use kernel::{Problem, Tx, ids::MascotaId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What the index must hold for some pets.
#[derive(Default)]
pub struct Entradas {
    palabras: Vec<String>,
    fuentes: Vec<i16>,
    mascotas: Vec<Uuid>,
}

impl Entradas {
    pub fn add<'a>(&mut self, mascota: MascotaId, nombre: &str, tutores: impl IntoIterator<Item = &'a str>) {
        for (palabra, fuente) in palabras::indexed(nombre, tutores) {
            self.palabras.push(palabra);
            self.fuentes.push(i16::from(fuente == Fuente::Tutor));
            self.mascotas.push(mascota.into());
        }
    }
}

/// The names as they are now, with those of the records that were merged into them; a merged pet has none. The pets are locked, in order, so that of two changes at once (a pet's name here,
/// its owner's there) the later one sees the earlier.
async fn names(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Entradas, Problem> {
    sqlx::query!("select from mascotas where id = any ($1) order by id for no key update", mascotas as _).execute(&mut **tx).await?;
    let rows = sqlx::query!(
        r#"select id as "id!: MascotaId", nombre as "nombre!", tutores as "tutores!" from mascotas_nombres($1)"#,
        mascotas as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut entradas = Entradas::default();
    for row in &rows {
        entradas.add(row.id, &row.nombre, row.tutores.iter().map(String::as_str));
    }
    Ok(entradas)
}

/// Makes the index of these pets say what their names say. Call it after any change of names or owners.
pub async fn reindexar(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<(), Problem> {
    if mascotas.is_empty() {
        return Ok(());
    }
    let entradas = names(tx, mascotas).await?;
    sqlx::query!(
        "delete from mascotas_palabras x
          where x.mascota_id = any ($1)
            and not exists (select from unnest($2::text[], $3::smallint[], $4::uuid[]) as n(palabra, fuente, mascota_id)
                             where n.palabra = x.palabra and n.fuente = x.fuente and n.mascota_id = x.mascota_id)",
        mascotas as _,
        &entradas.palabras,
        &entradas.fuentes,
        &entradas.mascotas
    )
    .execute(&mut **tx)
    .await?;
    insert(tx, entradas).await
}

/// Adds to the index, and new words to the dictionary.
pub async fn insert(tx: &mut Tx, entradas: Entradas) -> Result<(), Problem> {
    let distintas: Vec<String> = entradas.palabras.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    // In order, so that two transactions with the same new words wait for each other and never in a circle.
    let nuevas = sqlx::query_scalar!(
        "insert into palabras (palabra) select p from unnest($1::text[]) as p order by p on conflict do nothing returning palabra",
        &distintas
    )
    .fetch_all(&mut **tx)
    .await?;
    if !nuevas.is_empty() {
        let keys = nuevas.iter().flat_map(|palabra| palabras::all_keys(palabra).into_iter().map(move |key| (key, palabra.clone())));
        let (variantes, de): (Vec<String>, Vec<String>) = keys.unzip();
        sqlx::query!(
            "insert into palabras_variantes (variante, palabra) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
            &variantes,
            &de
        )
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query!(
        "insert into mascotas_palabras (palabra, fuente, mascota_id)
         select * from unnest($1::text[], $2::smallint[], $3::uuid[]) on conflict do nothing",
        &entradas.palabras,
        &entradas.fuentes,
        &entradas.mascotas
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The pets whose index an owner's name stands in.
pub async fn pets_of(tx: &mut Tx, tutor: kernel::ids::TutorId) -> Result<Vec<MascotaId>, Problem> {
    Ok(sqlx::query_scalar!("select mascota_id from tutores_mascotas where tutor_id = $1 and hasta is null", tutor as _)
        .fetch_all(&mut **tx)
        .await?)
}
