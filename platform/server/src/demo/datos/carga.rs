//! Two connections at work on batches of some hundreds of rows.
use super::{agenda::Paciente, familias::Familia, store};
use crate::tenant::said;
use anyhow::{Context, Result};
use citas::CitaImportada;
use historias::HechoImportado;
use kernel::{Problem, SystemCtx, ids::TenantId};
use pacientes::Finalidad;
use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{task::JoinSet, time::interval};

const CONEXIONES: usize = 2;
/// Small enough that a batch which waits for another's new words waits a moment.
const FAMILIAS: usize = 250;
const HECHOS: usize = 1_000;
const CITAS: usize = 1_000;

/// How far it is.
#[derive(Default)]
pub struct Avance {
    mascotas: Arc<AtomicUsize>,
    hechos: Arc<AtomicUsize>,
    citas: Arc<AtomicUsize>,
}

#[derive(Clone)]
pub struct Destino {
    pub system: SystemCtx,
    pub tenant: TenantId,
}

/// Registers the families of each chain; answers their pets, in order.
pub async fn pacientes(
    destinos: &[Destino],
    familias: Vec<Vec<Familia>>,
    avance: &Avance,
    progress: &impl Fn(&str),
) -> Result<Vec<Vec<Paciente>>> {
    let total: usize = familias.iter().flatten().map(|familia| familia.especies.len()).sum();
    let mut pacientes: Vec<Vec<Paciente>> = familias.iter().map(|_| Vec::new()).collect();
    let count = avance.mascotas.clone();
    let work = move |lote: Lote<Familia>| {
        let count = count.clone();
        async move {
            let registered = register(&lote.destino, lote.filas).await.map_err(said)?;
            count.fetch_add(registered.len(), Relaxed);
            Ok(registered)
        }
    };
    let tell = || progress(&format!("mascotas: {} de {total}", avance.mascotas.load(Relaxed)));
    for Hecho { cadena, mut resultado } in in_parallel(batches(destinos, familias, FAMILIAS), work, tell).await? {
        pacientes[cadena].append(&mut resultado);
    }
    Ok(pacientes)
}

async fn register(destino: &Destino, lote: Vec<Familia>) -> Result<Vec<Paciente>, Problem> {
    let (homes, importados): (Vec<_>, Vec<_>) =
        lote.into_iter().map(|one| ((one.sede, one.especies, one.paciente.registrado_en), one.paciente)).unzip();
    let births: Vec<_> = importados.iter().flat_map(|one| one.mascotas.iter().map(|pet| pet.mascota.nacimiento)).collect();
    let mut tx = store::begin_unhurried(&destino.system, destino.tenant).await?;
    let ids = pacientes::importar(&mut tx, &importados).await?;
    // Of five who register four say that they want to be reminded.
    let registered = ids.iter().zip(&importados).map(|((tutor, _), one)| (*tutor, one.registrado_en));
    let agreed: Vec<_> = registered.enumerate().filter(|(index, _)| index % 5 != 0).map(|(_, one)| one).collect();
    pacientes::consentir_importados(&mut tx, &agreed, Finalidad::Recordatorios, "formato-2026-01").await?;
    tx.commit().await?;
    let pets = homes.into_iter().zip(ids).flat_map(|((sede, especies, registro), (_, ids))| {
        ids.into_iter().zip(especies).map(move |(id, especie)| Paciente { id, sede, especie, nacimiento: None, registro })
    });
    Ok(pets.zip(births).map(|(pet, nacimiento)| Paciente { nacimiento, ..pet }).collect())
}

/// Writes what the pets of each chain were given and have.
pub async fn hechos(destinos: &[Destino], hechos: Vec<Vec<HechoImportado>>, avance: &Avance, progress: &impl Fn(&str)) -> Result<()> {
    let total: usize = hechos.iter().map(Vec::len).sum();
    let count = avance.hechos.clone();
    let work = move |lote: Lote<HechoImportado>| {
        let count = count.clone();
        async move {
            let many = lote.filas.len();
            let mut tx = store::begin_unhurried(&lote.destino.system, lote.destino.tenant).await.map_err(said)?;
            historias::importar(&mut tx, lote.filas).await.map_err(said)?;
            tx.commit().await.map_err(said)?;
            count.fetch_add(many, Relaxed);
            Ok(())
        }
    };
    let tell = || progress(&format!("hechos clínicos: {} de {total}", avance.hechos.load(Relaxed)));
    in_parallel(batches(destinos, hechos, HECHOS), work, tell).await?;
    Ok(())
}

/// Writes the agenda of each chain; answers how many appointments were refused.
pub async fn citas(destinos: &[Destino], citas: Vec<Vec<CitaImportada>>, avance: &Avance, progress: &impl Fn(&str)) -> Result<usize> {
    let total: usize = citas.iter().map(Vec::len).sum();
    let count = avance.citas.clone();
    let work = move |lote: Lote<CitaImportada>| {
        let count = count.clone();
        async move {
            let done = book(&lote.destino, &lote.filas).await.map_err(said)?;
            count.fetch_add(done, Relaxed);
            Ok(lote.filas.len() - done)
        }
    };
    let tell = || progress(&format!("citas: {} de {total}", avance.citas.load(Relaxed)));
    let refused = in_parallel(batches(destinos, citas, CITAS), work, tell).await?;
    Ok(refused.into_iter().map(|hecho| hecho.resultado).sum())
}

async fn book(destino: &Destino, lote: &[CitaImportada]) -> Result<usize, Problem> {
    let mut tx = store::begin_unhurried(&destino.system, destino.tenant).await?;
    let done = citas::importar(&mut tx, lote).await?.len();
    tx.commit().await?;
    Ok(done)
}

/// Rows that go in together.
struct Lote<T> {
    /// The place of its chain among `destinos`.
    cadena: usize,
    destino: Destino,
    filas: Vec<T>,
}

/// What became of a batch.
struct Hecho<R> {
    cadena: usize,
    resultado: R,
}

/// In batches, the chains taking turns: two connections in one chain would wait for each other's new words at first.
fn batches<T>(destinos: &[Destino], chains: Vec<Vec<T>>, size: usize) -> VecDeque<Lote<T>> {
    let mut rest: Vec<std::vec::IntoIter<T>> = chains.into_iter().map(Vec::into_iter).collect();
    let mut all = VecDeque::new();
    while rest.iter().any(|chain| chain.len() > 0) {
        for (cadena, (chain, destino)) in rest.iter_mut().zip(destinos).enumerate().filter(|(_, (chain, _))| chain.len() > 0) {
            all.push_back(Lote { cadena, destino: destino.clone(), filas: chain.by_ref().take(size).collect() });
        }
    }
    all
}

/// Does the batches on a few tasks and answers in their order.
async fn in_parallel<T, R, W>(
    lotes: VecDeque<Lote<T>>,
    work: impl Fn(Lote<T>) -> W + Clone + Send + 'static,
    tell: impl Fn(),
) -> Result<Vec<Hecho<R>>>
where
    T: Send + 'static,
    R: Send + 'static,
    W: Future<Output = Result<R>> + Send,
{
    let queue = Arc::new(Mutex::new(lotes.into_iter().enumerate().collect::<VecDeque<_>>()));
    let mut tasks = JoinSet::new();
    for _ in 0..CONEXIONES {
        let (queue, work) = (queue.clone(), work.clone());
        tasks.spawn(async move {
            let mut done = BTreeMap::new();
            while let Some((turno, lote)) = pop(&queue) {
                let cadena = lote.cadena;
                done.insert(turno, Hecho { cadena, resultado: work(lote).await? });
            }
            anyhow::Ok(done)
        });
    }
    let mut all = BTreeMap::new();
    let mut clock = interval(Duration::from_secs(3));
    loop {
        tokio::select! {
            joined = tasks.join_next() => match joined {
                Some(done) => all.append(&mut done.context("una tarea de la carga se cayó")??),
                None => break,
            },
            _ = clock.tick() => tell(),
        }
    }
    tell();
    Ok(all.into_values().collect())
}

fn pop<T>(queue: &Mutex<VecDeque<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}
