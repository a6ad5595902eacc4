//! A rehearsal: another version, configuration or day for a rule, over all pets, with nothing written but the difference.
//! What it sees of time is fixed when it is asked for, so the same data gives the same difference.
use super::preguntar::{decir, vale};
use crate::{
    model::{
        DatosRecordatorios,
        medicas::{Afirmacion, Dichas, Dicho, EstadoEnsayo, Freno, PedidoEnsayo, Resumen, Vigente, ensayar as comparar, hasta, nacida},
    },
    puertos::{Momento, Regla, Reglas, Suscripcion, disparo},
    store::{
        escalera,
        medicas::{
            asentar as store,
            ensayos::{self, EnCurso, Porcion},
        },
    },
};
use historias::{Hechos, Lector};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use kernel::{
    Event, Problem, SystemCtx,
    ids::{EnsayoId, MascotaId, SedeId, TenantId},
    job::{Fallo, Intento},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use tokio::task::JoinSet;

/// The kind of work: go on with a rehearsal.
pub const ENSAYAR: &str = "regla.ensayar";
const PORCION: i64 = 200;
const A_LA_VEZ: usize = 2;

#[derive(Deserialize)]
struct Trabajo {
    ensayo: EnsayoId,
}

/// What every pet is asked with.
struct Guion {
    regla: Arc<dyn Regla>,
    suscripcion: Suscripcion,
    pedido: PedidoEnsayo,
    /// When owners are written to.
    escalera: DatosRecordatorios,
    zona: TimeZone,
    /// The moment it was asked for: what "now" is on the last day.
    ahora: Timestamp,
}

/// Some pets with what is stored of the plugin's.
struct Lote {
    hechos: Vec<Hechos>,
    vigentes: HashMap<MascotaId, Vec<Vigente>>,
    sedes: HashMap<MascotaId, Vec<SedeId>>,
}

/// What the rule said of a pet on each day; `None` if it failed on one.
type Dias = Option<Vec<(Date, Vec<Afirmacion>)>>;

pub async fn ensayar(system: &SystemCtx, reglas: &dyn Reglas, tenant: TenantId, cuerpo: &Value, intento: Intento) -> Result<(), Fallo> {
    let Trabajo { ensayo } = Trabajo::deserialize(cuerpo).map_err(|_| Fallo::Nunca("no se entiende".into()))?;
    match recorrer(system, reglas, tenant, ensayo).await {
        Ok(()) => Ok(()),
        Err(problem) if problem.status().is_client_error() || intento.es_el_ultimo() => {
            let told = json!(problem);
            let why = told["detail"].as_str().or(told["title"].as_str());
            Ok(terminar(system, tenant, ensayo, EstadoEnsayo::Fallido, why).await?)
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn recorrer(system: &SystemCtx, reglas: &dyn Reglas, tenant: TenantId, id: EnsayoId) -> Result<(), Problem> {
    let mut tx = system.begin(tenant).await?;
    let (found, zona) = (ensayos::find(&mut tx, id).await?, store::zona(&mut tx).await?);
    let escalera = escalera::ajustes(&mut tx).await?.datos;
    drop(tx);
    let Some(EnCurso { ensayo, pedido, mut despues }) = found.filter(|one| one.ensayo.terminado_en.is_none()) else { return Ok(()) };
    let nuevo = &pedido.nuevo;
    let regla = reglas.borrador(tenant, &nuevo.complemento, nuevo.digest.clone(), nuevo.configuracion.clone()).await?;
    let guion = Arc::new(Guion { suscripcion: wanted(&*regla), regla, escalera, zona, ahora: ensayo.creado_en, pedido });
    let (freno, mut resumen) = (Arc::new(Freno::default()), ensayo.reglas);
    while let Some(hasta) = porcion(system, tenant, id, &guion, (despues, &mut resumen), &freno).await? {
        despues = Some(hasta);
        if let Some((_, why)) = freno.rendidas().into_iter().next() {
            let why = format!("La regla solo falla: {}. {}", why.resultado, why.detalle.unwrap_or_default());
            return terminar(system, tenant, id, EstadoEnsayo::Fallido, Some(why.trim())).await;
        }
    }
    terminar(system, tenant, id, EstadoEnsayo::Terminado, None).await
}

fn wanted(regla: &dyn Regla) -> Suscripcion {
    let all = regla.suscripciones();
    let nightly = all.iter().find(|one| one.disparo == disparo::DIARIO).or_else(|| all.first());
    nightly.cloned().unwrap_or(Suscripcion { disparo: disparo::DIARIO.into(), hechos: Vec::new() })
}

/// The next pets; says up to which one, `None` at the end.
async fn porcion(
    system: &SystemCtx,
    tenant: TenantId,
    id: EnsayoId,
    guion: &Arc<Guion>,
    (despues, resumen): (Option<MascotaId>, &mut Resumen),
    freno: &Arc<Freno>,
) -> Result<Option<MascotaId>, Problem> {
    let mut tx = system.begin(tenant).await?;
    let mut hechos = Lector::new(&mut tx).await?.lote(&mut tx, despues, PORCION).await?;
    let Some(last) = hechos.last().map(|one| one.mascota.id) else { return Ok(None) };
    let ids = |hechos: &[Hechos]| hechos.iter().map(|one| one.mascota.id).collect::<Vec<_>>();
    if let Some(sedes) = &guion.pedido.nuevo.sedes {
        let known = ensayos::en_sedes(&mut tx, &ids(&hechos), sedes).await?;
        hechos.retain(|one| known.contains(&one.mascota.id));
    }
    let mut vigentes = store::vigentes(&mut tx, &ids(&hechos)).await?;
    vigentes.values_mut().for_each(|all| all.retain(|one| one.complemento == guion.pedido.nuevo.complemento));
    let sedes = if guion.regla.sedes().is_some() { store::sedes(&mut tx, &ids(&hechos)).await? } else { HashMap::new() };
    drop(tx);
    let lote = Arc::new(Lote { hechos, vigentes, sedes });
    let said = preguntar(guion, &lote, freno).await?;
    let (mut cambios, mut fallas): (Vec<(MascotaId, Dichas)>, i32) = (Vec::new(), 0);
    for (hechos, dias) in lote.hechos.iter().zip(said) {
        let id = hechos.mascota.id;
        let Some(dias) = dias else {
            fallas += 1;
            continue;
        };
        let stored = lote.vigentes.get(&id).map_or(&[][..], Vec::as_slice);
        cambios.extend(comparar(stored, &dias, guion.pedido.hoy, &guion.escalera, resumen).into_iter().map(|line| (id, line)));
    }
    let vistas = i32::try_from(lote.hechos.len()).unwrap_or(i32::MAX);
    let porcion = Porcion { desde: despues, hasta: last, vistas, fallas, reglas: resumen, cambios: &cambios };
    let mut tx = system.begin(tenant).await?;
    if !ensayos::avanzar(&mut tx, id, &porcion).await? {
        return Err(Problem::internal("another one went on with this rehearsal"));
    }
    tx.commit().await?;
    Ok(Some(last))
}

async fn preguntar(guion: &Arc<Guion>, lote: &Arc<Lote>, freno: &Arc<Freno>) -> Result<Vec<Dias>, Problem> {
    let mut working = JoinSet::new();
    let portion = lote.hechos.len().div_ceil(A_LA_VEZ).max(1);
    for from in (0..lote.hechos.len()).step_by(portion) {
        let (guion, lote, freno) = (guion.clone(), lote.clone(), freno.clone());
        working.spawn(async move {
            let mut said = Vec::with_capacity(portion);
            for hechos in lote.hechos.iter().skip(from).take(portion) {
                said.push(una(&guion, hechos, lote.sedes.get(&hechos.mascota.id), &freno).await);
                tokio::task::yield_now().await;
            }
            (from, said)
        });
    }
    let mut portions: BTreeMap<usize, Vec<Dias>> = BTreeMap::new();
    while let Some(done) = working.join_next().await {
        portions.extend([done.map_err(Problem::internal)?]);
    }
    Ok(portions.into_values().flatten().collect())
}

/// What the rule says of a pet on each day, of what had happened by then.
async fn una(guion: &Guion, hechos: &Hechos, sedes: Option<&Vec<SedeId>>, freno: &Freno) -> Dias {
    let mut dias = Vec::with_capacity(guion.pedido.dias.len());
    for dia in &guion.pedido.dias {
        if !nacida(hechos, *dia) || !vale(&*guion.regla, sedes) {
            dias.push((*dia, Vec::new()));
            continue;
        }
        if !freno.deja(&guion.pedido.nuevo.complemento) {
            return None;
        }
        let momento = Momento { ahora: guion.at(*dia), hoy: *dia };
        let documento = json!(hasta(hechos, *dia, &guion.zona));
        let dicho = decir(&*guion.regla, &guion.suscripcion.disparo, &documento, &guion.suscripcion, momento).await;
        freno.nota(&guion.pedido.nuevo.complemento, &dicho);
        match dicho {
            Dicho::Dijo(all) => dias.push((*dia, all)),
            _ => return None,
        }
    }
    Some(dias)
}

impl Guion {
    /// The moment of the request, or noon of another day.
    fn at(&self, dia: Date) -> Timestamp {
        if dia == self.pedido.hoy {
            return self.ahora;
        }
        self.zona.to_timestamp(dia.at(12, 0, 0, 0)).unwrap_or(self.ahora)
    }
}

async fn terminar(system: &SystemCtx, tenant: TenantId, id: EnsayoId, estado: EstadoEnsayo, why: Option<&str>) -> Result<(), Problem> {
    let mut tx = system.begin(tenant).await?;
    ensayos::terminar(&mut tx, id, estado, why).await?;
    tx.publish(Event::new("alerta.ensayo_terminado", json!({ "ensayo_id": id, "estado": estado })));
    tx.commit().await
}
