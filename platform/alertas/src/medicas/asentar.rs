//! Writing down what differs. Between reading facts and this the rules thought, with nothing held: so the facts of what is
//! to be written are read once more, and a pet that changed meanwhile is left to its next evaluation.
use super::preguntar::{Lote, Preguntas};
use crate::{
    model::medicas::{Cambio, CierreMotivo, Dicho, Regla, Vigente, comparar},
    puertos::Momento,
    store::medicas::{
        asentar::{self as store, Escrita},
        detenidas::{self, Falla},
        pasadas::Avance,
    },
};
use historias::{Hechos, Lector};
use kernel::{
    Problem, Tx,
    ids::{AlertaId, MascotaId},
};
use std::collections::HashMap;

/// What a rule that cannot run said before stands.
static NADA: Dicho = Dicho::Nada;

/// What came of it.
#[derive(Debug, Default)]
pub struct Asiento {
    pub avance: Avance,
    /// Pets whose alerts are other than before.
    pub cambiadas: Vec<MascotaId>,
    /// Pets that changed while the rules thought.
    pub quedaron: Vec<MascotaId>,
}

/// Everything to be written, of all pets.
#[derive(Default)]
struct Escritura<'a> {
    nuevas: Vec<Escrita<'a>>,
    otras: Vec<Escrita<'a>>,
    cerradas: Vec<(AlertaId, CierreMotivo)>,
    calladas: Vec<AlertaId>,
    fallas: Vec<Falla>,
    sanas: Vec<(MascotaId, String)>,
}

/// Whether anything of this pet has to be written.
pub fn difiere(preguntas: &Preguntas, lote: &Lote, dichos: &[Dicho], hechos: &Hechos, momento: Momento) -> bool {
    let mut escritura = Escritura::default();
    escritura.add(preguntas, dichos, (hechos.mascota.id, vigentes(&lote.vigentes, hechos)), &lote.fallas, momento);
    !escritura.is_empty()
}

/// Writes the differences of a portion. `dichos` is what was said of each pet of it.
pub async fn asentar(tx: &mut Tx, preguntas: &Preguntas, lote: &Lote, dichos: &[Vec<Dicho>], momento: Momento) -> Result<Asiento, Problem> {
    let failed = dichos.iter().filter(|said| said.iter().any(|dicho| matches!(dicho, Dicho::NoCorrio(_)))).count();
    let mut asiento = Asiento::default();
    asiento.avance.vistas = i32::try_from(lote.hechos.len()).unwrap_or(i32::MAX);
    asiento.avance.sin_evaluar = i32::try_from(failed).unwrap_or(i32::MAX);
    let pairs = lote.hechos.iter().zip(dichos);
    let touched: Vec<(&Hechos, &Vec<Dicho>)> = pairs.filter(|(hechos, said)| difiere(preguntas, lote, said, hechos, momento)).collect();
    if touched.is_empty() {
        return Ok(asiento);
    }
    store::hold(tx).await?;
    let ids: Vec<MascotaId> = touched.iter().map(|(hechos, _)| hechos.mascota.id).collect();
    let now = Lector::new(tx).await?.varias(tx, &ids).await?;
    let (stored, failures) = (store::vigentes(tx, &ids).await?, detenidas::sin_evaluar(tx, &ids).await?);
    let mut escritura = Escritura::default();
    for (hechos, said) in touched {
        if now.iter().any(|one| one == hechos) {
            let before = escritura.alerts();
            escritura.add(preguntas, said, (hechos.mascota.id, vigentes(&stored, hechos)), &failures, momento);
            if escritura.alerts() > before {
                asiento.cambiadas.push(hechos.mascota.id);
            }
        } else {
            asiento.quedaron.push(hechos.mascota.id);
        }
    }
    escritura.write(tx, &mut asiento.avance).await?;
    Ok(asiento)
}

fn vigentes<'a>(all: &'a HashMap<MascotaId, Vec<Vigente>>, hechos: &Hechos) -> &'a [Vigente] {
    all.get(&hechos.mascota.id).map_or(&[], Vec::as_slice)
}

impl<'a> Escritura<'a> {
    fn is_empty(&self) -> bool {
        self.alerts() == 0 && self.fallas.is_empty() && self.sanas.is_empty()
    }

    fn alerts(&self) -> usize {
        self.nuevas.len() + self.otras.len() + self.cerradas.len() + self.calladas.len()
    }

    fn add(
        &mut self,
        preguntas: &'a Preguntas,
        dichos: &'a [Dicho],
        (mascota, stored): (MascotaId, &[Vigente]),
        failures: &HashMap<(MascotaId, String), String>,
        momento: Momento,
    ) {
        let asked = preguntas.reglas.iter().zip(dichos).map(|(regla, dicho)| Regla { complemento: regla.complemento(), dicho });
        let stopped = preguntas.paradas.iter().map(|parada| Regla { complemento: &parada.complemento, dicho: &NADA });
        let reglas: Vec<Regla<'a>> = asked.chain(stopped).collect();
        let written = |id, place: usize, afirmacion| Escrita { id, mascota, regla: &*preguntas.reglas[place], afirmacion };
        for cambio in comparar(stored, &reglas, momento.hoy) {
            match cambio {
                Cambio::Abrir(place, said) => self.nuevas.push(written(AlertaId::new(), place, said)),
                Cambio::Cambiar(id, place, said) => self.otras.push(written(id, place, said)),
                Cambio::Cerrar(id, motivo) => self.cerradas.push((id, motivo)),
                Cambio::DejarDeCallar(id) => self.calladas.push(id),
            }
        }
        self.add_failures(preguntas, dichos, mascota, failures);
    }

    fn add_failures(&mut self, preguntas: &Preguntas, dichos: &[Dicho], mascota: MascotaId, known: &HashMap<(MascotaId, String), String>) {
        for (regla, dicho) in preguntas.reglas.iter().zip(dichos) {
            let key = (mascota, regla.complemento().to_owned());
            match (dicho, known.get(&key)) {
                (Dicho::NoCorrio(why), Some(before)) if *before == why.resultado => {}
                (Dicho::NoCorrio(why), _) => self.fallas.push(Falla {
                    mascota,
                    complemento: key.1,
                    nombre: regla.nombre().to_owned(),
                    resultado: why.resultado.clone(),
                    detalle: why.detalle.clone(),
                }),
                (Dicho::Dijo(_) | Dicho::NoVale, Some(_)) => self.sanas.push(key),
                _ => {}
            }
        }
    }

    /// One statement for each kind of change, whatever the number of pets.
    async fn write(self, tx: &mut Tx, avance: &mut Avance) -> Result<(), Problem> {
        let count = |len: usize| i32::try_from(len).unwrap_or(i32::MAX);
        (avance.nuevas, avance.cambiadas, avance.cerradas) =
            (count(self.nuevas.len()), count(self.otras.len()), count(self.cerradas.len()));
        if !self.cerradas.is_empty() {
            store::cerrar(tx, &self.cerradas).await?;
        }
        if !self.calladas.is_empty() {
            store::dejar_de_callar(tx, &self.calladas).await?;
        }
        if !self.otras.is_empty() {
            store::cambiar(tx, &self.otras).await?;
        }
        if !self.nuevas.is_empty() {
            store::abrir(tx, &self.nuevas).await?;
        }
        if !self.fallas.is_empty() {
            detenidas::anotar_fallas(tx, &self.fallas).await?;
        }
        if !self.sanas.is_empty() {
            detenidas::quitar_fallas(tx, &self.sanas).await?;
        }
        Ok(())
    }
}
