//! Owners and pets as lists, those registered last first.
use super::tutores::Reader;
use crate::{model::TutorDeLista, ubigeo};
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    ids::{MascotaId, TutorId},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Owners registered before that one.
pub async fn tutores_antes(tx: &mut Tx, antes: Uuid, limite: i64) -> Result<Vec<TutorId>, Problem> {
    let ids = sqlx::query_scalar!(
        "select id from tutores where fusionado_con is null and anonimizado_en is null and id < $1 order by id desc limit $2",
        antes,
        limite
    );
    Ok(ids.fetch_all(&mut **tx).await?)
}

/// Pets registered before that one.
pub async fn mascotas_antes(tx: &mut Tx, antes: Uuid, limite: i64) -> Result<Vec<MascotaId>, Problem> {
    let ids =
        sqlx::query_scalar!("select id from mascotas where fusionada_con is null and id < $1 order by id desc limit $2", antes, limite);
    Ok(ids.fetch_all(&mut **tx).await?)
}

/// Words of a name as ranges of the index: the first one is looked up, the others are tested.
pub struct Rangos {
    primero: (String, String),
    desde: Vec<String>,
    hasta: Vec<String>,
}

impl Rangos {
    /// The last word that was typed may be the beginning of a longer one. The longest is mostly the rarest. Words are letters and
    /// digits, so nothing lies between `w` and `w\u{1}`, and every word that begins with `w` lies before `w~`.
    pub fn new(palabras: &[String]) -> Option<Self> {
        let last = palabras.len().checked_sub(1)?;
        let end = |index: usize, word: &String| format!("{word}{}", if index == last { '~' } else { '\u{1}' });
        let mut rangos: Vec<_> = palabras.iter().enumerate().map(|(index, word)| (word.clone(), end(index, word))).collect();
        let longest = (0..=last).max_by_key(|index| palabras[*index].len())?;
        let primero = rangos.swap_remove(longest);
        let (desde, hasta) = rangos.into_iter().unzip();
        Some(Self { primero, desde, hasta })
    }
}

/// Owners registered before that one, with these words in their own names or in those of who owns a pet with them.
pub async fn tutores_con_palabras(tx: &mut Tx, rangos: &Rangos, antes: Uuid, limite: i64) -> Result<Vec<TutorId>, Problem> {
    let ids = sqlx::query_scalar!(
        r#"select distinct x.tutor_id as "id!: TutorId"
             from (select tm.tutor_id from mascotas_palabras p join tutores_mascotas tm on tm.mascota_id = p.mascota_id
                    where p.palabra >= $1 and p.palabra < $2 and p.fuente = 1 and tm.hasta is null and tm.tutor_id < $5
                   union all
                   select s.tutor_id from tutores_palabras s where s.palabra >= $1 and s.palabra < $2 and s.tutor_id < $5) x
            where not exists (
              select from unnest($3::text[], $4::text[]) as r(desde, hasta)
               where not exists (select from tutores_mascotas tm join mascotas_palabras p on p.mascota_id = tm.mascota_id
                                  where tm.tutor_id = x.tutor_id and tm.hasta is null and p.fuente = 1
                                    and p.palabra >= r.desde and p.palabra < r.hasta)
                 and not exists (select from tutores_palabras s
                                  where s.tutor_id = x.tutor_id and s.palabra >= r.desde and s.palabra < r.hasta))
            order by 1 desc limit $6"#,
        rangos.primero.0,
        rangos.primero.1,
        &rangos.desde,
        &rangos.hasta,
        antes,
        limite
    );
    Ok(ids.fetch_all(&mut **tx).await?)
}

/// Those of them that the caller may see, the last registered first, each with all names by which they are found: their own, and
/// those of the records that were merged into theirs.
pub async fn tutores(tx: &mut Tx, ids: &[TutorId]) -> Result<Vec<(TutorDeLista, String)>, Problem> {
    let rows = sqlx::query!(
        r#"select t.id, t.nombres, t.apellidos, t.documento_tipo, t.documento_cifrado, t.telefono_cifrado, t.correo_cifrado, t.ubigeo,
                  t.origen, t.creado_en,
                  (select count(*) from tutores_mascotas tm where tm.tutor_id = t.id and tm.hasta is null) as "mascotas!",
                  (select string_agg(f.nombres || ' ' || f.apellidos, ' ') from tutores f where f.fusionado_con = t.id) as otros_nombres
             from tutores t
            where t.id = any ($1) and t.fusionado_con is null and t.anonimizado_en is null order by t.id desc"#,
        ids as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.id.into()).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let reader = Reader(keys.get(&row.id.0));
        let nombre = format!("{} {} {}", row.nombres, row.apellidos, row.otros_nombres.unwrap_or_default());
        let tutor = TutorDeLista {
            id: row.id,
            nombres: row.nombres,
            apellidos: row.apellidos,
            documento: reader.documento(row.documento_tipo, row.documento_cifrado.as_deref())?,
            telefono: reader.text("telefono", row.telefono_cifrado.as_deref())?,
            correo: reader.text("correo", row.correo_cifrado.as_deref())?,
            lugar: row.ubigeo.as_deref().and_then(ubigeo::find).map(|lugar| lugar.lugar()),
            ubigeo: row.ubigeo,
            mascotas: row.mascotas,
            origen: row.origen,
            creado_en: row.creado_en.to_jiff(),
        };
        all.push((tutor, nombre));
    }
    Ok(all)
}
