//! Invented pets: names, breeds, ages and weights as a clinic in Peru sees them, roughly.
use super::{
    listas::{Item, lista},
    rng::Rng,
};
use jiff::{SignedDuration, Timestamp};
use kernel::ids::RazaId;
use pacientes::{EspecieConRazas, Identificador, IdentificadorTipo, MascotaImportada, MascotaNueva, Sexo};

struct Especie {
    clave: &'static str,
    parte: u32,
    vida: f64,
    crece: f64,
}

/// A breed of the lists here, with its id if the chain has it.
type Raza = (Option<RazaId>, &'static Item);

/// The catalogue of a chain, ready to be drawn from.
pub struct Catalogo {
    especies: Vec<(&'static Especie, Vec<Raza>)>,
}

impl Catalogo {
    /// What the chain's catalogue and the lists here have in common.
    pub fn new(especies: &[EspecieConRazas]) -> Self {
        let of = |clave: &str| especies.iter().find(|especie| especie.clave == clave);
        let id = |known: &EspecieConRazas, name: &str| known.razas.iter().find(|(_, nombre)| nombre == name).map(|(id, _)| *id);
        let known = ESPECIES.iter().filter_map(|own| {
            let especie = of(own.clave)?;
            let razas = lista(&format!("razas.{}", own.clave));
            Some((own, razas.iter().map(|raza| (id(especie, raza.texto), raza)).collect()))
        });
        Self { especies: known.collect() }
    }

    /// A pet that registers at `registro` and is alive at `now`, with its species' key; `None` of an empty catalogue.
    pub fn mascota(&self, rng: &mut Rng, numero: usize, registro: Timestamp, now: Timestamp) -> Option<(&'static str, MascotaImportada)> {
        let since = years(registro, now);
        let old_enough: Vec<_> = self.especies.iter().filter(|(especie, _)| especie.vida > since + 0.3).collect();
        let (especie, razas) = rng.weighted(&old_enough, |(especie, _)| especie.parte)?;
        let (raza_id, raza) = *rng.weighted(razas, |(_, raza)| raza.peso)?;
        let sexo = sexo(rng, especie.clave);
        // Most come young.
        let at_registration = (especie.vida - since) * rng.unit().powf(2.4);
        let nacimiento = registro - SignedDuration::from_secs_f64((at_registration + 0.12) * YEAR);
        let estimado = rng.chance(0.35);
        let fecha = nacimiento.to_zoned(jiff::tz::TimeZone::UTC).date();
        let grown = rng.within(raza.kg.0, raza.kg.1) * if sexo == Sexo::Hembra { 0.93 } else { 1.04 };
        let age = |at: Timestamp| years(nacimiento, at);
        let weigh = |rng: &mut Rng, at: Timestamp| scales(grown * growth(age(at) / especie.crece) * rng.within(0.96, 1.05));
        let peso_kg = rng.chance(0.9).then(|| weigh(rng, registro));
        let pesos = visits(rng, registro, now).into_iter().map(|at| (at, weigh(rng, at))).collect();
        let nombre = nombre(rng, especie.clave, sexo).to_owned();
        let mascota = MascotaNueva {
            nombre,
            especie_id: None,
            especie: Some(especie.clave.to_owned()),
            raza_id,
            sexo,
            esterilizado: esterilizado(rng, especie.clave, age(now)),
            nacimiento: Some(if estimado { fecha.first_of_month() } else { fecha }),
            nacimiento_estimado: estimado,
            edad_meses: None,
            color: rng.chance(0.92).then(|| rng.word(lista(&format!("colores.{}", especie.clave))).to_owned()),
            notas: rng.chance(0.06).then(|| rng.word(lista("notas.mascota")).to_owned()),
            identificadores: identificadores(rng, especie.clave, numero),
            peso_kg,
        };
        Some((especie.clave, MascotaImportada { mascota, pesos }))
    }
}

const YEAR: f64 = 365.25 * 86_400.0;

fn years(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / YEAR
}

/// Share of the grown weight at a share of the growing time.
fn growth(share: f64) -> f64 {
    if share >= 1.0 { 1.0 } else { 0.08 + 0.92 * share.max(0.0).powf(0.75) }
}

/// As scales show it: 50 g steps, finer for the small ones.
fn scales(kg: f64) -> f64 {
    let step = if kg >= 2.0 { 0.05 } else { 0.001 };
    ((kg / step).round() * step).max(0.001)
}

fn visits(rng: &mut Rng, registro: Timestamp, now: Timestamp) -> Vec<Timestamp> {
    let span = now.duration_since(registro).as_secs_f64();
    let count = (rng.unit().powf(1.5) * (1.0 + span / YEAR * 1.6)) as i64;
    let mut all: Vec<Timestamp> = (0..count).map(|_| registro + SignedDuration::from_secs_f64(span * rng.within(0.05, 0.98))).collect();
    all.sort_unstable();
    all
}

fn sexo(rng: &mut Rng, clave: &str) -> Sexo {
    let unknown = if matches!(clave, "perro" | "gato" | "caballo") { 0.01 } else { 0.35 };
    match (rng.chance(unknown), rng.chance(0.5)) {
        (true, _) => Sexo::Desconocido,
        (_, true) => Sexo::Hembra,
        _ => Sexo::Macho,
    }
}

fn esterilizado(rng: &mut Rng, clave: &str, age: f64) -> Option<bool> {
    let share = match clave {
        _ if age < 0.5 => 0.03,
        "gato" => 0.66,
        "perro" => 0.48,
        "conejo" | "huron" => 0.25,
        _ => return rng.chance(0.3).then_some(false),
    };
    rng.chance(0.94).then(|| rng.chance(share))
}

fn nombre(rng: &mut Rng, clave: &str, sexo: Sexo) -> &'static str {
    let hembra = match sexo {
        Sexo::Hembra => true,
        Sexo::Macho => false,
        Sexo::Desconocido => rng.chance(0.5),
    };
    rng.word(lista(&format!("nombres.{clave}.{}", if hembra { "hembra" } else { "macho" })))
}

fn identificadores(rng: &mut Rng, clave: &str, numero: usize) -> Vec<Identificador> {
    let mut all = Vec::new();
    let mut add = |tipo, valor: String| all.push(Identificador { tipo, valor });
    if matches!(clave, "perro" | "gato" | "caballo") && rng.chance(0.14) {
        // 604 is Peru (ISO 11784); 0990 marks ours as invented.
        add(IdentificadorTipo::Microchip, format!("6040990{:08}", numero * 7_919 % 100_000_000));
    }
    if clave == "perro" && rng.chance(0.06) {
        add(IdentificadorTipo::RegistroMunicipal, format!("RC-{:06}", numero * 13 % 1_000_000));
    }
    if clave == "perro" && rng.chance(0.05) {
        add(IdentificadorTipo::PlacaRabia, format!("R{:05}", numero * 17 % 100_000));
    }
    all
}

/// Keys of the catalogue, how many of ten thousand pets, and how long they live and grow (years).
const ESPECIES: &[Especie] = &[
    Especie { clave: "perro", parte: 6_500, vida: 15.0, crece: 1.2 },
    Especie { clave: "gato", parte: 2_800, vida: 17.0, crece: 1.0 },
    Especie { clave: "conejo", parte: 230, vida: 9.0, crece: 0.7 },
    Especie { clave: "ave", parte: 150, vida: 14.0, crece: 0.3 },
    Especie { clave: "hamster", parte: 90, vida: 2.6, crece: 0.25 },
    Especie { clave: "cuy", parte: 80, vida: 7.0, crece: 0.5 },
    Especie { clave: "tortuga", parte: 60, vida: 40.0, crece: 6.0 },
    Especie { clave: "huron", parte: 25, vida: 8.0, crece: 0.7 },
    Especie { clave: "erizo", parte: 20, vida: 5.5, crece: 0.4 },
    Especie { clave: "reptil", parte: 18, vida: 12.0, crece: 1.5 },
    Especie { clave: "chinchilla", parte: 12, vida: 14.0, crece: 0.8 },
    Especie { clave: "caballo", parte: 9, vida: 25.0, crece: 4.0 },
    Especie { clave: "pez", parte: 6, vida: 5.0, crece: 0.8 },
];
