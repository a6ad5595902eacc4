//! All owners, or those that answer what was typed; all pets. Page by page, those registered last first.
use crate::{
    model::{Buscado, Encontrado, Por, TutorDeLista},
    store::{
        busqueda,
        listas::{self as store, Rangos},
    },
};
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
    text::words,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Owners that are read at once while names are compared.
const A_LA_VEZ: i64 = 400;
/// More people do not share one document, phone or e-mail.
const DE_UNA_CLAVE: i64 = 1_000;

/// Owners after `cursor`.
pub async fn tutores(tx: &mut Tx, buscado: Option<&Buscado>, cursor: Option<TutorId>, limite: i64) -> Result<Vec<TutorDeLista>, Problem> {
    let antes = cursor.map_or(Uuid::max(), Uuid::from);
    let Some(buscado) = buscado else {
        let ids = store::tutores_antes(tx, antes, limite).await?;
        return Ok(only(store::tutores(tx, &ids).await?));
    };
    let exact = by_key(tx, buscado).await?;
    if exact.is_empty() {
        return by_name(tx, &buscado.palabras, antes, limite).await;
    }
    let ids: Vec<TutorId> = exact.into_iter().rev().filter(|id| id.0 < antes).take(limite as usize).collect();
    Ok(only(store::tutores(tx, &ids).await?))
}

fn only(rows: Vec<(TutorDeLista, String)>) -> Vec<TutorDeLista> {
    rows.into_iter().map(|(tutor, _)| tutor).collect()
}

/// By id, document, phone, its last digits, or e-mail.
async fn by_key(tx: &mut Tx, buscado: &Buscado) -> Result<BTreeSet<TutorId>, Problem> {
    if let Some(id) = buscado.id {
        return Ok(BTreeSet::from([TutorId(id)]));
    }
    if buscado.correo.is_none() && buscado.identificador.is_none() {
        return Ok(BTreeSet::new());
    }
    Ok(busqueda::owners(tx, buscado, DE_UNA_CLAVE).await?.into_iter().map(|(id, _)| id).collect())
}

async fn by_name(tx: &mut Tx, palabras: &[String], mut antes: Uuid, limite: i64) -> Result<Vec<TutorDeLista>, Problem> {
    let Some(rangos) = Rangos::new(palabras) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    loop {
        let ids = store::tutores_con_palabras(tx, &rangos, antes, A_LA_VEZ).await?;
        let all = store::tutores(tx, &ids).await?;
        found.extend(all.into_iter().filter(|(_, nombre)| answers(palabras, nombre)).map(|(tutor, _)| tutor));
        match ids.last() {
            Some(last) if ids.len() as i64 == A_LA_VEZ && (found.len() as i64) < limite => antes = last.0,
            _ => break,
        }
    }
    found.truncate(limite as usize);
    Ok(found)
}

/// Of two who own a pet together the index of names tells only both.
fn answers(palabras: &[String], nombre: &str) -> bool {
    let nombre = words(nombre);
    palabras.split_last().is_some_and(|(last, first)| {
        first.iter().all(|word| nombre.contains(word)) && nombre.iter().any(|word| word.starts_with(last.as_str()))
    })
}

/// Pets after `cursor`, with their owners.
pub async fn mascotas(tx: &mut Tx, cursor: Option<MascotaId>, limite: i64) -> Result<Vec<Encontrado>, Problem> {
    let ids = store::mascotas_antes(tx, cursor.map_or(Uuid::max(), Uuid::from), limite).await?;
    let mut known = busqueda::summaries(tx, &ids).await?;
    let all = ids.iter().filter_map(|id| known.remove(id)).map(|resumen| Encontrado { por: Por::Lista, ..resumen.encontrado });
    Ok(all.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("rosa quis", "Rosa Quispe", true)]
    #[case("quispe rosa", "Rosa Quispe", true)]
    #[case("ros quispe", "Rosa Quispe", false)]
    #[case("nahui", "José Ñahui", true)]
    #[case("rosa ñahui", "Rosa Quispe", false)]
    fn every_word_stands_in_the_name_and_the_last_one_may_go_on(#[case] typed: &str, #[case] nombre: &str, #[case] expected: bool) {
        assert_eq!(answers(&Buscado::read(typed).palabras, nombre), expected);
    }
}
