//! Search. Only equality and `<` on text stand in these conditions: they are leak-proof, so row-level security
//! lets them use their indexes, and every scan ends after a number of rows that does not grow with the chain.
use crate::model::{self, Buscado, Encontrado, MascotaHallada, Por, TutorBreve};
use kernel::{
    Problem, Tx,
    ids::{EspecieId, MascotaId, TutorId},
};
use std::collections::HashMap;
use uuid::Uuid;

/// How often a word stands in the index; `OFTEN` if that is more than was counted.
#[derive(Debug, Clone)]
pub struct Frecuencia {
    pub palabra: String,
    pub exactas: i64,
    /// Of longer words that begin with it; 0 where nobody asked.
    pub mas_largas: i64,
}

/// What stands for a count that was not finished.
pub const OFTEN: i64 = 20_000;

/// Which of the words are looked for as the beginning of longer ones too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comienzos {
    Ninguno,
    DeLaUltima,
}

/// The last column is for the statements that follow in this transaction: their plans do not depend on the
/// words, and planning anew for every search would cost as much as searching.
pub async fn frecuencias(tx: &mut Tx, palabras: &[String], comienzos: Comienzos, counted: i64) -> Result<Vec<Frecuencia>, Problem> {
    let beginning = if comienzos == Comienzos::DeLaUltima { palabras.len() as i64 } else { 0 };
    let rows = sqlx::query!(
        r#"select w.palabra as "palabra!",
                  (select count(*) from (select from mascotas_palabras m where m.palabra = w.palabra limit $2) n) as "exactas!",
                  case when w.orden = $3 then
                    (select count(*) from (select from mascotas_palabras m
                                            where m.palabra > w.palabra and m.palabra < w.palabra || '~' limit $2) n) else 0 end as "mas_largas!",
                  set_config('plan_cache_mode', 'force_generic_plan', true) as plan
             from unnest($1::text[]) with ordinality as w(palabra, orden) order by w.orden"#,
        palabras,
        counted,
        beginning
    )
    .fetch_all(&mut **tx)
    .await?;
    let count = |counted_rows: i64| if counted_rows < counted { counted_rows } else { OFTEN };
    let frecuencia = |palabra, exactas, mas_largas| Frecuencia { palabra, exactas: count(exactas), mas_largas: count(mas_largas) };
    Ok(rows.into_iter().map(|row| frecuencia(row.palabra, row.exactas, row.mas_largas)).collect())
}

/// Words of the dictionary that share a variant with any of these keys.
pub async fn candidates(tx: &mut Tx, keys: &[String]) -> Result<Vec<String>, Problem> {
    Ok(sqlx::query_scalar!(
        "select distinct palabra from (select palabra from palabras_variantes where variante = any ($1) limit 2000) p",
        keys
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// What stands for one typed word: some words, or all longer words that begin with it.
#[derive(Debug, Clone)]
pub enum Grupo {
    Palabras { palabras: Vec<String>, veces: i64 },
    Comienzo { palabra: String, veces: i64 },
}

impl Grupo {
    pub fn veces(&self) -> i64 {
        match self {
            Self::Palabras { veces, .. } | Self::Comienzo { veces, .. } => *veces,
        }
    }
    /// As ranges of the index. Words are letters and digits, so nothing lies between `w` and `w\u{1}`, and
    /// every word that begins with `w` lies before `w~`.
    fn ranges(&self) -> (Vec<String>, Vec<String>) {
        match self {
            Self::Palabras { palabras, .. } => (palabras.clone(), palabras.iter().map(|palabra| format!("{palabra}\u{1}")).collect()),
            Self::Comienzo { palabra, .. } => (vec![format!("{palabra}\u{1}")], vec![format!("{palabra}~")]),
        }
    }
    /// The one range of a beginning.
    fn range(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Palabras { .. } => (None, None),
            Self::Comienzo { palabra, .. } => (Some(format!("{palabra}\u{1}")), Some(format!("{palabra}~"))),
        }
    }
    fn words(&self) -> Option<&[String]> {
        match self {
            Self::Palabras { palabras, .. } => Some(palabras),
            Self::Comienzo { .. } => None,
        }
    }
}

/// How many pets of the rarest word are tried one by one at first.
const FEW: i64 = 160;
/// Trying a pet takes about as long as reading this many rows of lists to be joined (4 µs and 0.35 µs, measured in
/// 200,000 pets).
const ROWS_PER_TRY: i64 = 12;

/// Pets that answer every group, those with the better word of the rarest group first.
///
/// Where the lists of the two rarest words are short, they are joined. Otherwise a few pets are tried (some 4 µs
/// each), which is all there is to do for a rare word and for words that often go together. How many of them fit tells
/// how many more it would take; if joining is cheaper than that, it is done after all.
pub async fn matching(tx: &mut Tx, mut grupos: Vec<Grupo>, limit: i64) -> Result<Vec<MascotaId>, Problem> {
    grupos.sort_by_key(Grupo::veces);
    let Some((rarest, others)) = grupos.split_first() else { return Ok(Vec::new()) };
    let few = FEW.max(limit * 2).min(rarest.veces());
    let Some((second, rest)) = others.split_first() else { return try_each(tx, rarest, others, few, limit).await };
    let joining_is_cheaper = |tries: i64| rarest.veces() + second.veces() < tries * ROWS_PER_TRY;
    if !joining_is_cheaper(few) {
        let found = try_each(tx, rarest, others, few, limit).await?;
        let hits = found.len() as i64;
        if hits >= limit || rarest.veces() <= few {
            return Ok(found);
        }
        let needed = (few * limit * 3 / 2 / hits.max(1)).min(rarest.veces());
        if !joining_is_cheaper(needed) {
            let found = try_each(tx, rarest, others, needed, limit).await?;
            if found.len() as i64 >= limit || rarest.veces() <= needed {
                return Ok(found);
            }
        }
    }
    join(tx, rarest, second, rest, limit).await
}

/// The lists and the one beginning that a pet is tested against.
struct Tests<'a> {
    words: [Option<&'a [String]>; 7],
    from: Option<String>,
    to: Option<String>,
}

impl<'a> Tests<'a> {
    fn new(groups: &'a [Grupo]) -> Self {
        let mut words = [None; 7];
        words.iter_mut().zip(groups.iter().filter_map(Grupo::words)).for_each(|(slot, group)| *slot = Some(group));
        let (from, to) = groups.iter().find(|group| group.words().is_none()).map(Grupo::range).unwrap_or_default();
        Self { words, from, to }
    }
}

/// Owners without a pet who answer every group, the last word also as the beginning of a longer one. Those of the longest word
/// are tried, which is mostly the rarest.
pub async fn owners_by_words(tx: &mut Tx, grupos: &[Grupo], comienzo: Option<&String>, limit: i64) -> Result<Vec<TutorId>, Problem> {
    let longest = |grupo: &Grupo| grupo.words().and_then(|words| words.first()).map_or(0, |word| word.len());
    let Some(driver) = (0..grupos.len()).max_by_key(|index| longest(&grupos[*index])) else { return Ok(Vec::new()) };
    let (mut grupo, mut desde, mut hasta) = (Vec::<i32>::new(), Vec::new(), Vec::new());
    for (index, one) in grupos.iter().enumerate() {
        let (from, mut to) = one.ranges();
        // The typed word comes first in its group.
        if let (Some(word), Some(end)) = (comienzo.filter(|_| index + 1 == grupos.len()), to.first_mut()) {
            *end = format!("{word}~");
        }
        grupo.extend(from.iter().map(|_| index as i32));
        desde.extend(from);
        hasta.extend(to);
    }
    let rows = sqlx::query_scalar!(
        r#"select distinct x.tutor_id as "id!: TutorId" from (
             select p.tutor_id from unnest($1::int[], $2::text[], $3::text[]) as r(grupo, desde, hasta)
               cross join lateral (select tutor_id from tutores_palabras where palabra >= r.desde and palabra < r.hasta limit 2000) p
              where r.grupo = $4) x
            where not exists (
              select from generate_series(0, $5 - 1) as g
               where g <> $4 and not exists (
                 select from unnest($1::int[], $2::text[], $3::text[]) as r(grupo, desde, hasta)
                   cross join lateral (select from tutores_palabras p
                                        where p.tutor_id = x.tutor_id and p.palabra >= r.desde and p.palabra < r.hasta offset 0) p
                  where r.grupo = g))
            order by 1 limit $6"#,
        &grupo,
        &desde,
        &hasta,
        driver as i32,
        grupos.len() as i32,
        limit
    );
    Ok(rows.fetch_all(&mut **tx).await?)
}

async fn try_each(tx: &mut Tx, rarest: &Grupo, others: &[Grupo], budget: i64, limit: i64) -> Result<Vec<MascotaId>, Problem> {
    let (from, to) = rarest.ranges();
    let tests = Tests::new(others);
    Ok(sqlx::query_scalar!(
        r#"select m.mascota_id as "id: MascotaId"
             from (select c.orden, x.palabra, x.fuente, x.mascota_id
                     from unnest($1::text[], $2::text[]) with ordinality as c(desde, hasta, orden)
                    cross join lateral (select x.palabra, x.fuente, x.mascota_id from mascotas_palabras x
                                         where x.palabra >= c.desde and x.palabra < c.hasta
                                         order by x.palabra, x.fuente, x.mascota_id limit $12) x
                    order by c.orden, x.palabra, x.fuente, x.mascota_id limit $12) m
            where ($3::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($3)))
              and ($10::text is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id
                                                   and x.palabra >= $10 and x.palabra < $11))
              and ($4::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($4)))
              and ($5::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($5)))
              and ($6::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($6)))
              and ($7::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($7)))
              and ($8::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($8)))
              and ($9::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($9)))
            order by m.orden, m.palabra, m.fuente, m.mascota_id limit $13"#,
        &from,
        &to,
        tests.words[0] as _,
        tests.words[1] as _,
        tests.words[2] as _,
        tests.words[3] as _,
        tests.words[4] as _,
        tests.words[5] as _,
        tests.words[6] as _,
        tests.from,
        tests.to,
        budget,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Two popular words with few pets in common: their lists are joined, then the rest is tested.
async fn join(tx: &mut Tx, rarest: &Grupo, second: &Grupo, rest: &[Grupo], limit: i64) -> Result<Vec<MascotaId>, Problem> {
    let ((from, to), (second_from, second_to)) = (rarest.range(), second.range());
    let tests = Tests::new(rest);
    Ok(sqlx::query_scalar!(
        r#"with m as materialized (
             select x.palabra, x.fuente, x.mascota_id
               from (select palabra, fuente, mascota_id from mascotas_palabras where palabra = any ($1)
                     union all select palabra, fuente, mascota_id from mascotas_palabras where palabra >= $2 and palabra < $3) x
              where x.mascota_id in (select mascota_id from mascotas_palabras where palabra = any ($4)
                                     union all select mascota_id from mascotas_palabras where palabra >= $13 and palabra < $14))
           select m.mascota_id as "id!: MascotaId" from m
            where ($5::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($5)))
              and ($11::text is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id
                                                   and x.palabra >= $11 and x.palabra < $12))
              and ($6::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($6)))
              and ($7::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($7)))
              and ($8::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($8)))
              and ($9::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($9)))
              and ($10::text[] is null or exists (select from mascotas_palabras x where x.mascota_id = m.mascota_id and x.palabra = any ($10)))
            order by array_position($1, m.palabra), m.palabra, m.fuente, m.mascota_id limit $15"#,
        rarest.words() as _,
        from,
        to,
        second.words() as _,
        tests.words[0] as _,
        tests.words[1] as _,
        tests.words[2] as _,
        tests.words[3] as _,
        tests.words[4] as _,
        tests.words[5] as _,
        tests.from,
        tests.to,
        second_from,
        second_to,
        limit,
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Owners by document, phone or e-mail, and why; of a merged one, the one that goes on.
pub async fn owners(tx: &mut Tx, buscado: &Buscado, limit: i64) -> Result<Vec<(TutorId, Por)>, Problem> {
    let documentos: Vec<Vec<u8>> = buscado.documentos.iter().map(|key| tx.blind_index("documento", key)).collect();
    let index = |kind: &str, value: &Option<String>| value.as_deref().map(|value| tx.blind_index(kind, value));
    let (telefono, correo) = (index("telefono", &buscado.telefono), index("correo", &buscado.correo));
    let telefono_final = index("telefono_final", &buscado.telefono_final);
    let rows = sqlx::query!(
        r#"(select coalesce(fusionado_con, id) as "id!", 0 as "por!" from tutores where documento_indice = any ($1) limit $5)
           union all (select coalesce(fusionado_con, id), 1 from tutores where telefono_indice = $2 limit $5)
           union all (select coalesce(fusionado_con, id), 2 from tutores where correo_indice = $3 limit $5)
           union all (select coalesce(fusionado_con, id), 3 from tutores where telefono_final = $4 limit $5)"#,
        &documentos,
        telefono,
        correo,
        telefono_final,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let por = |number| match number {
        0 => Por::Documento,
        1 => Por::Telefono,
        2 => Por::Correo,
        _ => Por::TelefonoFinal,
    };
    Ok(rows.into_iter().map(|row| (TutorId(row.id), por(row.por))).collect())
}

pub async fn by_identifier(tx: &mut Tx, normal: &str, limit: i64) -> Result<Vec<MascotaId>, Problem> {
    Ok(sqlx::query_scalar!("select distinct mascota_id from mascotas_identificadores where normal = $1 limit $2", normal, limit)
        .fetch_all(&mut **tx)
        .await?)
}

/// Pets of these owners, present links only.
pub async fn pets_of(tx: &mut Tx, tutores: &[TutorId], limit: i64) -> Result<Vec<(TutorId, MascotaId)>, Problem> {
    let rows = sqlx::query!(
        "select tutor_id, mascota_id from tutores_mascotas where tutor_id = any ($1) and hasta is null order by id limit $2",
        tutores as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tutor_id, row.mascota_id)).collect())
}

/// Living pets of an owner, of one species.
pub async fn living_pets(tx: &mut Tx, tutor: TutorId, especie: EspecieId) -> Result<Vec<(MascotaId, String)>, Problem> {
    let rows = sqlx::query!(
        "select m.id, m.nombre from tutores_mascotas tm join mascotas m on m.id = tm.mascota_id
          where tm.tutor_id = $1 and tm.hasta is null and m.especie_id = $2 and m.fallecida_en is null order by m.id",
        tutor as _,
        especie as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.nombre)).collect())
}

/// A pet with its owner, and the names of all present owners.
pub struct Resumen {
    pub encontrado: Encontrado,
    pub tutores: String,
}

pub async fn summaries(tx: &mut Tx, ids: &[MascotaId]) -> Result<HashMap<MascotaId, Resumen>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!(
        r#"select m.id, m.nombre, e.clave as especie, r.nombre as "raza?", m.fallecida_en as "fallecida_en: jiff_sqlx::Date",
                  t.id as "tutor_id?: TutorId", t.nombres as "nombres?", t.apellidos as "apellidos?", t.telefono_cifrado as "telefono_cifrado?"
             from mascotas m
             join especies e on e.id = m.especie_id
             left join razas r on r.id = m.raza_id
             left join tutores_mascotas tm on tm.mascota_id = m.id and tm.hasta is null
             left join tutores t on t.id = tm.tutor_id
            where m.id = any ($1)
            order by m.id, tm.relacion <> 'propietario', tm.id"#,
        ids as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.tutor_id.map(Uuid::from)).collect();
    let keys = tx.person_keys(&people).await?;
    let mut all: HashMap<MascotaId, Resumen> = HashMap::with_capacity(ids.len());
    for row in rows {
        let nombre = model::full_name(row.nombres.as_deref().unwrap_or_default(), row.apellidos.as_deref().unwrap_or_default());
        if let Some(known) = all.get_mut(&row.id) {
            known.tutores.push(' ');
            known.tutores.push_str(&nombre);
            continue;
        }
        let tutor = match row.tutor_id {
            Some(id) => {
                Some(TutorBreve { id, nombre: nombre.clone(), telefono: super::masked(&keys, id, row.telefono_cifrado.as_deref())? })
            }
            None => None,
        };
        let fallecida_en = row.fallecida_en.map(|date| date.to_jiff());
        let mascota = Some(MascotaHallada { id: row.id, nombre: row.nombre, especie: row.especie, raza: row.raza, fallecida_en });
        all.insert(row.id, Resumen { encontrado: Encontrado { mascota, tutor, por: Por::Nombre, restringida: false }, tutores: nombre });
    }
    Ok(all)
}

/// Owners in few words.
pub async fn owners_in_short(tx: &mut Tx, ids: &[TutorId]) -> Result<HashMap<TutorId, TutorBreve>, Problem> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query!("select id, nombres, apellidos, telefono_cifrado from tutores where id = any ($1)", ids as _)
        .fetch_all(&mut **tx)
        .await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.id.into()).collect();
    let keys = tx.person_keys(&people).await?;
    rows.into_iter()
        .map(|row| {
            let telefono = super::masked(&keys, row.id, row.telefono_cifrado.as_deref())?;
            Ok((row.id, TutorBreve { id: row.id, nombre: model::full_name(&row.nombres, &row.apellidos), telefono }))
        })
        .collect()
}
