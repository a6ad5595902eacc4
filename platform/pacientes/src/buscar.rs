//! Searching owners and pets: exact keys first, then words, and only where those fail, misspelt words.
use crate::{
    model::{Buscado, Encontrado, Por, palabras, rank},
    store::{
        busqueda::{self as store, Comienzos, Frecuencia, Grupo},
        visibilidad,
    },
};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Corrections of one word that are looked up, and among how many they are chosen.
const CORRECTIONS: usize = 12;
const CHOICE: usize = 32;
const CHOICE_COUNTED: i64 = 1_000;
/// As far as words are counted: first, and again where all of them are popular.
const COUNTED: i64 = 800;
const COUNTED_AGAIN: i64 = 6_000;

/// At most `limit` results, the best first.
pub async fn buscar(tx: &mut Tx, buscado: &Buscado, limit: i64) -> Result<Vec<Encontrado>, Problem> {
    if let Some(id) = buscado.id {
        return by_id(tx, id, limit).await;
    }
    let mut exact = by_key(tx, buscado, limit).await?;
    if tx.who().is_restricted() {
        add_unseen(tx, buscado, limit, &mut exact).await?;
    }
    if !exact.is_empty() || buscado.palabras.is_empty() {
        return Ok(exact);
    }
    let ids = by_words(tx, &buscado.palabras, limit).await?;
    let mut known = store::summaries(tx, &ids).await?;
    let mut ranked: Vec<(usize, Encontrado)> = Vec::with_capacity(ids.len());
    for resumen in ids.iter().filter_map(|id| known.remove(id)) {
        let nombre = resumen.encontrado.mascota.as_ref().map(|mascota| mascota.nombre.as_str()).unwrap_or_default();
        let (far, por) = rank(&buscado.palabras, nombre, &resumen.tutores);
        ranked.push((far, Encontrado { por, ..resumen.encontrado }));
    }
    if ranked.len() < ids.len() && tx.who().is_restricted() {
        let seen: BTreeSet<MascotaId> = ranked.iter().filter_map(|(_, found)| Some(found.mascota.as_ref()?.id)).collect();
        let unseen: Vec<MascotaId> = ids.into_iter().filter(|id| !seen.contains(id)).collect();
        // After all that may be seen.
        ranked.extend(visibilidad::in_short(tx, &unseen).await?.into_iter().map(|found| (usize::MAX, found)));
    }
    ranked.sort_by_key(|(far, _)| *far);
    let mut found: Vec<Encontrado> = ranked.into_iter().map(|(_, encontrado)| encontrado).collect();
    let left = limit - found.len() as i64;
    if left > 0 {
        let more = without_pets(tx, &buscado.palabras, left, found.is_empty()).await?;
        found.extend(more);
    }
    Ok(found)
}

/// Owners whom no pet stands for, after all pets; misspelt words count only where nothing else was found.
async fn without_pets(tx: &mut Tx, typed: &[String], limit: i64, nothing_yet: bool) -> Result<Vec<Encontrado>, Problem> {
    let as_typed: Vec<Grupo> = typed.iter().map(|word| Grupo::Palabras { palabras: vec![word.clone()], veces: 0 }).collect();
    let (mut grupos, mut por) = (as_typed, Por::Nombre);
    let mut ids = store::owners_by_words(tx, &grupos, typed.last(), limit).await?;
    if ids.is_empty() && nothing_yet {
        for (grupo, word) in grupos.iter_mut().zip(typed) {
            let mut near = nearest(tx, word, palabras::near_keys(word)).await?;
            near.truncate(CORRECTIONS);
            let palabras = [word.clone()].into_iter().chain(near.into_iter().map(|(_, palabra)| palabra)).collect();
            *grupo = Grupo::Palabras { palabras, veces: 0 };
        }
        por = Por::NombreParecido;
        ids = store::owners_by_words(tx, &grupos, None, limit).await?;
    }
    let mut known = store::owners_in_short(tx, &ids).await?;
    let owners = ids.iter().filter_map(|id| known.remove(id));
    Ok(owners.map(|owner| Encontrado { mascota: None, tutor: Some(owner), por, restringida: false }).collect())
}

/// A pet, or an owner with their pets.
async fn by_id(tx: &mut Tx, id: Uuid, limit: i64) -> Result<Vec<Encontrado>, Problem> {
    let pet = MascotaId(id);
    let mut found: Vec<Encontrado> = store::summaries(tx, &[pet]).await?.into_values().map(|one| one.encontrado).collect();
    if found.is_empty() && tx.who().is_restricted() {
        found = visibilidad::in_short(tx, &[pet]).await?;
    }
    if let Some(owner) = store::owners_in_short(tx, &[TutorId(id)]).await?.remove(&TutorId(id)) {
        let pets: Vec<MascotaId> = store::pets_of(tx, &[owner.id], limit).await?.into_iter().map(|(_, pet)| pet).collect();
        let mut known = store::summaries(tx, &pets).await?;
        let own = pets.iter().filter_map(|pet| known.remove(pet)).map(|one| Encontrado { tutor: Some(owner.clone()), ..one.encontrado });
        found.extend(own);
        if found.is_empty() {
            found.push(Encontrado { mascota: None, tutor: Some(owner), por: Por::Id, restringida: false });
        }
    }
    found.iter_mut().for_each(|one| one.por = Por::Id);
    Ok(found)
}

/// Patients of other sedes with exactly this key.
async fn add_unseen(tx: &mut Tx, buscado: &Buscado, limit: i64, found: &mut Vec<Encontrado>) -> Result<(), Problem> {
    if buscado.correo.is_none() && buscado.identificador.is_none() {
        return Ok(());
    }
    let seen: BTreeSet<MascotaId> = found.iter().filter_map(|one| Some(one.mascota.as_ref()?.id)).collect();
    let mut hits = visibilidad::by_key(tx, buscado, limit).await?;
    hits.retain(|(id, _)| !seen.contains(id));
    let ids: Vec<MascotaId> = hits.iter().map(|(id, _)| *id).collect();
    for one in visibilidad::in_short(tx, &ids).await? {
        let por = hits.iter().find(|(id, _)| one.mascota.as_ref().is_some_and(|pet| pet.id == *id)).map_or(one.por, |(_, por)| *por);
        found.push(Encontrado { por, ..one });
    }
    found.truncate(limit as usize);
    Ok(())
}

/// Document, phone, e-mail, identifier.
async fn by_key(tx: &mut Tx, buscado: &Buscado, limit: i64) -> Result<Vec<Encontrado>, Problem> {
    let mut hits: Vec<(Option<MascotaId>, Option<TutorId>, Por)> = Vec::new();
    if let Some(normal) = &buscado.identificador {
        let pets = store::by_identifier(tx, normal, limit).await?;
        hits.extend(pets.into_iter().map(|id| (Some(id), None, Por::Identificador)));
    }
    if buscado.correo.is_some() || buscado.identificador.is_some() {
        let owners = store::owners(tx, buscado, limit).await?;
        let ids: Vec<TutorId> = owners.iter().map(|(id, _)| *id).collect();
        let pets = if ids.is_empty() { Vec::new() } else { store::pets_of(tx, &ids, limit).await? };
        for (owner, por) in owners {
            let own = pets.iter().filter(|(tutor, _)| *tutor == owner).map(|(_, pet)| (Some(*pet), Some(owner), por));
            let before = hits.len();
            hits.extend(own);
            if hits.len() == before {
                hits.push((None, Some(owner), por));
            }
        }
    }
    if hits.is_empty() {
        return Ok(Vec::new());
    }
    let pets: Vec<MascotaId> = hits.iter().filter_map(|(pet, _, _)| *pet).collect();
    let tutores: Vec<TutorId> = hits.iter().filter_map(|(_, tutor, _)| *tutor).collect();
    let mut pets = store::summaries(tx, &pets).await?;
    let tutores = store::owners_in_short(tx, &tutores).await?;
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (pet, tutor, por) in hits {
        if !seen.insert((pet, if pet.is_some() { None } else { tutor })) {
            continue;
        }
        let (mascota, owner) = match pet.and_then(|id| pets.remove(&id)) {
            Some(resumen) => (resumen.encontrado.mascota, resumen.encontrado.tutor),
            None => (None, None),
        };
        // The person who was looked for, though another one owns the pet.
        let tutor = tutor.and_then(|id| tutores.get(&id).cloned()).or(owner);
        found.push(Encontrado { mascota, tutor, por, restringida: false });
    }
    found.truncate(limit as usize);
    Ok(found)
}

fn exact(word: &Frecuencia) -> Option<Grupo> {
    (word.exactas > 0).then(|| Grupo::Palabras { palabras: vec![word.palabra.clone()], veces: word.exactas })
}

fn beginning(word: &Frecuencia) -> Option<Grupo> {
    (word.mas_largas > 0).then(|| Grupo::Comienzo { palabra: word.palabra.clone(), veces: word.mas_largas })
}

async fn by_words(tx: &mut Tx, typed: &[String], limit: i64) -> Result<Vec<MascotaId>, Problem> {
    let mut words = store::frecuencias(tx, typed, Comienzos::DeLaUltima, COUNTED).await?;
    // Only where all words are popular does it matter which one is less so.
    if words.len() > 1 && words.iter().all(|word| word.exactas.max(word.mas_largas) >= store::OFTEN) {
        words = store::frecuencias(tx, typed, Comienzos::DeLaUltima, COUNTED_AGAIN).await?;
    }
    let Some((last, first)) = words.split_last() else { return Ok(Vec::new()) };
    let mut found: Vec<MascotaId> = Vec::new();
    let all_exact: Option<Vec<Grupo>> = words.iter().map(exact).collect();
    if let Some(grupos) = all_exact {
        merge(&mut found, store::matching(tx, grupos, limit).await?);
    }
    let last_begins: Option<Vec<Grupo>> = first.iter().map(exact).chain([beginning(last)]).collect();
    if let Some(grupos) = last_begins.filter(|_| (found.len() as i64) < limit) {
        merge(&mut found, store::matching(tx, grupos, limit).await?);
    }
    if found.is_empty() {
        found = misspelt(tx, &words, limit).await?;
    }
    found.truncate(limit as usize);
    Ok(found)
}

fn merge(found: &mut Vec<MascotaId>, more: Vec<MascotaId>) {
    let mut seen: BTreeSet<MascotaId> = found.iter().copied().collect();
    found.extend(more.into_iter().filter(|id| seen.insert(*id)));
}

/// First only the words that stand nowhere are corrected; if that finds nothing, any word may be wrong.
async fn misspelt(tx: &mut Tx, words: &[Frecuencia], limit: i64) -> Result<Vec<MascotaId>, Problem> {
    let mut corrected: Vec<Option<Grupo>> = vec![None; words.len()];
    for only_unknown in [true, false] {
        let mut grupos = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            let as_it_is = exact(word).or_else(|| beginning(word).filter(|_| index + 1 == words.len()));
            let grupo = match as_it_is.filter(|_| only_unknown) {
                Some(grupo) => Some(grupo),
                None => {
                    if corrected[index].is_none() {
                        corrected[index] = corrections(tx, word).await?;
                    }
                    corrected[index].clone()
                }
            };
            match grupo {
                Some(grupo) => grupos.push(grupo),
                None => return Ok(Vec::new()),
            }
        }
        let mut found = Vec::new();
        merge(&mut found, store::matching(tx, grupos, limit).await?);
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The word itself, if it stands anywhere, and the nearest words that do.
async fn corrections(tx: &mut Tx, word: &Frecuencia) -> Result<Option<Grupo>, Problem> {
    let mut near = nearest(tx, &word.palabra, palabras::near_keys(&word.palabra)).await?;
    if near.is_empty() {
        near = nearest(tx, &word.palabra, palabras::all_keys(&word.palabra)).await?;
    }
    near.truncate(CHOICE);
    let of = |frecuencia: &Frecuencia| near.iter().find(|(_, palabra)| *palabra == frecuencia.palabra).map_or(0, |(far, _)| *far);
    let palabras: Vec<String> = near.iter().map(|(_, palabra)| palabra.clone()).collect();
    let mut frecuencias = store::frecuencias(tx, &palabras, Comienzos::Ninguno, CHOICE_COUNTED).await?;
    frecuencias.retain(|frecuencia| frecuencia.exactas > 0);
    // Of two equally near words the popular one was meant.
    frecuencias.sort_by_key(|frecuencia| (of(frecuencia), std::cmp::Reverse(frecuencia.exactas)));
    frecuencias.truncate(CORRECTIONS);
    if word.exactas > 0 {
        frecuencias.insert(0, word.clone());
    }
    let (palabras, veces): (Vec<String>, Vec<i64>) = frecuencias.into_iter().map(|near| (near.palabra, near.exactas)).unzip();
    Ok((!palabras.is_empty()).then(|| Grupo::Palabras { palabras, veces: veces.into_iter().sum() }))
}

/// With how far each is.
async fn nearest(tx: &mut Tx, word: &str, keys: BTreeSet<String>) -> Result<Vec<(usize, String)>, Problem> {
    let keys: Vec<String> = keys.into_iter().collect();
    let candidates = store::candidates(tx, &keys).await?;
    let mut near: Vec<(usize, String)> = candidates
        .into_iter()
        .filter(|candidate| candidate != word)
        .filter_map(|candidate| palabras::misspelt(word, &candidate).map(|far| (far, candidate)))
        .collect();
    near.sort();
    Ok(near)
}
