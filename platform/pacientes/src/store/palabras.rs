//! The search index: words of the names of a pet and of its present owners.
use crate::model::palabras::{self as model, Fuente};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
    text::words,
};
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
        for (palabra, fuente) in model::indexed(nombre, tutores) {
            self.palabras.push(palabra);
            self.fuentes.push(i16::from(fuente == Fuente::Tutor));
            self.mascotas.push(mascota.into());
        }
    }
}

/// What the index of owners without pets must hold for some of them.
#[derive(Default)]
pub struct Solos {
    palabras: Vec<String>,
    tutores: Vec<Uuid>,
}

impl Solos {
    pub fn add<'a>(&mut self, tutor: TutorId, nombres: impl IntoIterator<Item = &'a str>) {
        for palabra in nombres.into_iter().flat_map(words).collect::<BTreeSet<_>>() {
            self.palabras.push(palabra);
            self.tutores.push(tutor.into());
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

/// The index of these pets, and of all who own or owned them. Call it after any change of who owns whom.
pub async fn reindexar_con_tutores(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<(), Problem> {
    reindexar(tx, mascotas).await?;
    let tutores = owners_of(tx, mascotas).await?;
    reindexar_tutores(tx, &tutores).await
}

/// All who own or owned any of these pets.
pub async fn owners_of(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<TutorId>, Problem> {
    Ok(sqlx::query_scalar!(r#"select distinct tutor_id as "id: TutorId" from tutores_mascotas where mascota_id = any ($1)"#, mascotas as _)
        .fetch_all(&mut **tx)
        .await?)
}

/// Makes the index of owners without pets say what is so of these: their words, or none. Call it after any change of an owner's
/// name or pets, and for one who comes without a pet. Whoever calls it holds them: owners are locked before pets everywhere, so
/// it would be too late here.
pub async fn reindexar_tutores(tx: &mut Tx, tutores: &[TutorId]) -> Result<(), Problem> {
    if tutores.is_empty() {
        return Ok(());
    }
    let rows =
        sqlx::query!(r#"select id as "id!", nombre as "nombre!" from tutores_sin_mascota($1)"#, tutores as _).fetch_all(&mut **tx).await?;
    forget_tutores(tx, tutores).await?;
    let mut solos = Solos::default();
    for row in &rows {
        solos.add(TutorId(row.id), [row.nombre.as_str()]);
    }
    insert_tutores(tx, &solos).await
}

/// Owners of whom it is known that they have no pet and no words yet.
pub async fn insert_tutores(tx: &mut Tx, Solos { palabras, tutores }: &Solos) -> Result<(), Problem> {
    if palabras.is_empty() {
        return Ok(());
    }
    learn(tx, palabras).await?;
    sqlx::query!(
        "insert into tutores_palabras (palabra, tutor_id) select * from unnest($1::text[], $2::uuid[]) on conflict do nothing",
        palabras,
        tutores
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Owners who have a pet now.
pub async fn forget_tutores(tx: &mut Tx, tutores: &[TutorId]) -> Result<(), Problem> {
    sqlx::query!(
        "delete from tutores_palabras where ctid = any (array(
           select p.lugar from unnest($1::uuid[]) as k cross join lateral (select ctid as lugar from tutores_palabras where tutor_id = k offset 0) p))",
        tutores as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds to the index.
pub async fn insert(tx: &mut Tx, entradas: Entradas) -> Result<(), Problem> {
    learn(tx, &entradas.palabras).await?;
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

/// Adds new words to the dictionary.
async fn learn(tx: &mut Tx, palabras: &[String]) -> Result<(), Problem> {
    let distintas: Vec<&str> = palabras.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
    // In order, so that two transactions with the same new words wait for each other and never in a circle.
    let nuevas = sqlx::query_scalar!(
        "insert into palabras (palabra) select p from unnest($1::text[]) as p order by p on conflict do nothing returning palabra",
        &distintas as _
    )
    .fetch_all(&mut **tx)
    .await?;
    if !nuevas.is_empty() {
        let keys = nuevas.iter().flat_map(|palabra| model::all_keys(palabra).into_iter().map(move |key| (key, palabra.clone())));
        let (variantes, de): (Vec<String>, Vec<String>) = keys.unzip();
        sqlx::query!(
            "insert into palabras_variantes (variante, palabra) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
            &variantes,
            &de
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The pets whose index an owner's name stands in.
pub async fn pets_of(tx: &mut Tx, tutor: TutorId) -> Result<Vec<MascotaId>, Problem> {
    Ok(sqlx::query_scalar!("select mascota_id from tutores_mascotas where tutor_id = $1 and hasta is null", tutor as _)
        .fetch_all(&mut **tx)
        .await?)
}
