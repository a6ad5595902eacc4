//! Invented pets: names, breeds, ages and weights as a clinic in Peru sees them, roughly.
use super::rng::Rng;
use jiff::{SignedDuration, Timestamp};
use kernel::ids::RazaId;
use pacientes::{EspecieConRazas, Identificador, IdentificadorTipo, MascotaImportada, MascotaNueva, Sexo};

struct Especie {
    clave: &'static str,
    /// Of ten thousand pets.
    parte: u32,
    /// Years that one may live.
    vida: f64,
    /// Years until it stops growing.
    crece: f64,
    razas: &'static [Raza],
    hembras: &'static [(&'static str, u32)],
    machos: &'static [(&'static str, u32)],
    colores: &'static [&'static str],
}

/// Name in the catalogue, popularity, and between which weights a grown one is (kg).
type Raza = (&'static str, u32, f64, f64);

/// The catalogue of a chain, ready to be drawn from.
pub struct Catalogo {
    especies: Vec<(&'static Especie, Vec<(Option<RazaId>, Raza)>)>,
}

impl Catalogo {
    /// What the chain's catalogue and the lists here have in common.
    pub fn new(especies: &[EspecieConRazas]) -> Self {
        let of = |clave: &str| especies.iter().find(|especie| especie.clave == clave);
        let id = |known: &EspecieConRazas, name: &str| known.razas.iter().find(|(_, nombre)| nombre == name).map(|(id, _)| *id);
        let known = ESPECIES.iter().filter_map(|own| {
            let especie = of(own.clave)?;
            Some((own, own.razas.iter().map(|raza| (id(especie, raza.0), *raza)).collect()))
        });
        Self { especies: known.collect() }
    }

    /// A pet that registers at `registro` and is alive at `now`, with its species' key; `None` of an empty catalogue.
    pub fn mascota(&self, rng: &mut Rng, numero: usize, registro: Timestamp, now: Timestamp) -> Option<(&'static str, MascotaImportada)> {
        let since = years(registro, now);
        let old_enough: Vec<_> = self.especies.iter().filter(|(especie, _)| especie.vida > since + 0.3).collect();
        let (especie, razas) = rng.weighted(&old_enough, |(especie, _)| especie.parte)?;
        let (raza_id, raza) = *rng.weighted(razas, |(_, raza)| raza.1)?;
        let sexo = sexo(rng, especie.clave);
        // Most come young.
        let at_registration = (especie.vida - since) * rng.unit().powf(2.4);
        let nacimiento = registro - SignedDuration::from_secs_f64((at_registration + 0.12) * YEAR);
        let estimado = rng.chance(0.35);
        let fecha = nacimiento.to_zoned(jiff::tz::TimeZone::UTC).date();
        let grown = rng.within(raza.2, raza.3) * if sexo == Sexo::Hembra { 0.93 } else { 1.04 };
        let age = |at: Timestamp| years(nacimiento, at);
        let weigh = |rng: &mut Rng, at: Timestamp| scales(grown * growth(age(at) / especie.crece) * rng.within(0.96, 1.05));
        let peso_kg = rng.chance(0.9).then(|| weigh(rng, registro));
        let pesos = visits(rng, registro, now).into_iter().map(|at| (at, weigh(rng, at))).collect();
        let nombre = nombre(rng, especie, sexo).to_owned();
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
            color: rng.chance(0.92).then(|| (*rng.pick(especie.colores)).to_owned()),
            notas: rng.chance(0.06).then(|| (*rng.pick(NOTAS)).to_owned()),
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

fn nombre(rng: &mut Rng, especie: &Especie, sexo: Sexo) -> &'static str {
    let hembra = match sexo {
        Sexo::Hembra => true,
        Sexo::Macho => false,
        Sexo::Desconocido => rng.chance(0.5),
    };
    rng.word(if hembra { especie.hembras } else { especie.machos })
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

const NOTAS: &[&str] = &[
    "Nervioso con otros perros: hacer pasar directo al consultorio.",
    "Muerde si le tocan las patas.",
    "Alérgico al pollo.",
    "Se calma con su manta.",
    "Usar bozal.",
    "Le teme al ruido de la máquina.",
    "Adoptado de un albergue.",
    "Come solo dieta casera.",
    "Reacción leve a una vacuna anterior.",
    "Muy sociable.",
];

const HEMBRAS: &[(&str, u32)] = &[
    ("Luna", 62),
    ("Lola", 30),
    ("Nina", 26),
    ("Kiara", 24),
    ("Princesa", 20),
    ("Canela", 24),
    ("Mía", 24),
    ("Bella", 22),
    ("Maya", 20),
    ("Nala", 22),
    ("Kira", 20),
    ("Pelusa", 16),
    ("Linda", 12),
    ("Chispa", 10),
    ("Estrella", 12),
    ("Frida", 14),
    ("Daysi", 12),
    ("Dulce", 10),
    ("Perla", 11),
    ("Negra", 9),
    ("Muñeca", 12),
    ("Osita", 10),
    ("Manchita", 9),
    ("Kala", 9),
    ("Sasha", 14),
    ("Zoe", 14),
    ("Coco", 10),
    ("Cleo", 9),
    ("Milka", 10),
    ("Laika", 10),
    ("Blanca", 8),
    ("Mota", 8),
    ("Gala", 7),
    ("Greta", 7),
    ("Olivia", 8),
    ("Alaska", 7),
    ("Hanna", 7),
    ("Lulú", 10),
    ("Mili", 8),
    ("Nieve", 6),
    ("Sisa", 5),
    ("Killa", 6),
    ("Ñusta", 4),
    ("Chaska", 5),
    ("Wayra", 5),
    ("Sami", 6),
    ("Urpi", 4),
    ("Quilla", 3),
    ("Lúcuma", 4),
    ("Chicha", 3),
    ("Mazamorra", 2),
];
const MACHOS: &[(&str, u32)] = &[
    ("Max", 54),
    ("Rocky", 36),
    ("Toby", 34),
    ("Firulais", 14),
    ("Bruno", 28),
    ("Thor", 30),
    ("Coco", 22),
    ("Simón", 18),
    ("Zeus", 24),
    ("Lucas", 20),
    ("Oso", 20),
    ("Balto", 10),
    ("Bobby", 16),
    ("Duke", 14),
    ("Jack", 16),
    ("Rex", 10),
    ("Chester", 9),
    ("Milo", 22),
    ("Oreo", 16),
    ("Copito", 12),
    ("Negro", 12),
    ("Peluchín", 12),
    ("Peluche", 10),
    ("Snoopy", 12),
    ("Scooby", 10),
    ("Tyson", 9),
    ("Apolo", 12),
    ("Goku", 9),
    ("Loki", 14),
    ("Odín", 9),
    ("Pancho", 12),
    ("Paco", 10),
    ("Beto", 6),
    ("Benji", 9),
    ("Teo", 10),
    ("Tito", 8),
    ("Ronaldo", 4),
    ("Messi", 5),
    ("Paolo", 4),
    ("Inti", 8),
    ("Amaru", 6),
    ("Illari", 3),
    ("Wayki", 4),
    ("Ayar", 3),
    ("Cholo", 5),
    ("Pisco", 5),
    ("Chato", 4),
    ("Tayta", 3),
    ("Puma", 5),
    ("Machu", 3),
    ("Chasqui", 5),
    ("Kero", 3),
];
const GATAS: &[(&str, u32)] = &[
    ("Luna", 40),
    ("Michi", 26),
    ("Mía", 20),
    ("Nala", 18),
    ("Lola", 16),
    ("Misha", 16),
    ("Minina", 12),
    ("Pelusa", 14),
    ("Kitty", 14),
    ("Cleo", 12),
    ("Frida", 10),
    ("Nina", 12),
    ("Bigotes", 5),
    ("Gata", 6),
    ("Manchas", 8),
    ("Bella", 8),
    ("Canela", 10),
    ("Mota", 8),
    ("Nieve", 8),
    ("Olivia", 7),
    ("Sisa", 4),
    ("Killa", 5),
    ("Chaska", 4),
    ("Estrella", 5),
    ("Zoe", 7),
    ("Salem", 4),
    ("Naranja", 4),
    ("Vaquita", 4),
    ("Tila", 4),
    ("Kiwi", 4),
];
const GATOS: &[(&str, u32)] = &[
    ("Michi", 28),
    ("Simba", 26),
    ("Tom", 18),
    ("Félix", 12),
    ("Garfield", 14),
    ("Oreo", 16),
    ("Milo", 20),
    ("Salem", 12),
    ("Silvestre", 9),
    ("Gato", 8),
    ("Negro", 10),
    ("Pelusín", 7),
    ("Bigotes", 10),
    ("Copito", 9),
    ("Loki", 12),
    ("Max", 12),
    ("Lucas", 8),
    ("Coco", 8),
    ("Romeo", 8),
    ("Zeus", 8),
    ("Tigre", 9),
    ("Manchas", 7),
    ("Pancho", 6),
    ("Inti", 5),
    ("Puma", 6),
    ("Otorongo", 2),
    ("Cebiche", 2),
    ("Naranjo", 4),
    ("Gris", 4),
    ("Merlín", 6),
];
const OTROS: &[(&str, u32)] = &[
    ("Copito", 12),
    ("Pelusa", 10),
    ("Bolita", 10),
    ("Canela", 8),
    ("Coco", 12),
    ("Manchas", 8),
    ("Nube", 8),
    ("Choco", 8),
    ("Kiwi", 8),
    ("Limón", 5),
    ("Paco", 8),
    ("Lola", 8),
    ("Tuga", 5),
    ("Flash", 5),
    ("Donatello", 4),
    ("Rayo", 5),
    ("Galleta", 6),
    ("Trufa", 5),
    ("Mango", 5),
    ("Chispa", 6),
    ("Pipo", 6),
    ("Blanquita", 5),
    ("Tornado", 3),
    ("Palomo", 3),
    ("Nemo", 5),
    ("Rico", 4),
    ("Zanahoria", 3),
    ("Lucero", 4),
    ("Pisco", 3),
    ("Maní", 5),
];
const PERROS_RAZAS: &[Raza] = &[
    ("Mestizo", 400, 5.0, 26.0),
    ("Shih Tzu", 90, 4.5, 8.0),
    ("Schnauzer", 80, 6.0, 10.0),
    ("Poodle", 85, 3.5, 9.0),
    ("Chihuahua", 55, 1.8, 3.5),
    ("Yorkshire Terrier", 45, 2.2, 4.0),
    ("Bulldog Francés", 42, 9.0, 14.0),
    ("Pug", 45, 6.5, 10.0),
    ("Labrador Retriever", 52, 26.0, 36.0),
    ("Golden Retriever", 46, 26.0, 36.0),
    ("Pastor Alemán", 42, 26.0, 40.0),
    ("Beagle", 38, 9.0, 15.0),
    ("Cocker Spaniel", 38, 10.0, 15.0),
    ("Husky Siberiano", 26, 18.0, 28.0),
    ("Rottweiler", 20, 38.0, 55.0),
    ("Bóxer", 16, 25.0, 34.0),
    ("Dálmata", 8, 20.0, 30.0),
    ("Teckel", 26, 6.0, 11.0),
    ("Pekinés", 30, 3.5, 6.5),
    ("Bichón Maltés", 26, 3.0, 5.0),
    ("Pomerania", 22, 1.9, 3.8),
    ("American Bully", 16, 28.0, 45.0),
    ("American Pit Bull Terrier", 26, 17.0, 28.0),
    ("Border Collie", 12, 14.0, 21.0),
    ("Dóberman", 9, 30.0, 42.0),
    ("Perro sin Pelo del Perú", 26, 5.0, 24.0),
    ("Pinscher Miniatura", 24, 3.0, 5.5),
    ("Bulldog Inglés", 14, 19.0, 26.0),
    ("Shar Pei", 12, 18.0, 28.0),
    ("Akita", 6, 30.0, 50.0),
    ("Chow Chow", 8, 20.0, 32.0),
    ("Gran Danés", 5, 48.0, 75.0),
    ("San Bernardo", 6, 55.0, 82.0),
    ("Samoyedo", 6, 17.0, 29.0),
    ("Jack Russell Terrier", 10, 5.0, 8.0),
    ("Welsh Corgi", 5, 10.0, 14.0),
    ("Basset Hound", 4, 20.0, 30.0),
    ("Weimaraner", 3, 25.0, 38.0),
    ("West Highland White Terrier", 6, 6.0, 10.0),
];
const GATOS_RAZAS: &[Raza] = &[
    ("Mestizo", 800, 2.8, 5.6),
    ("Siamés", 80, 2.8, 5.0),
    ("Persa", 60, 3.0, 5.5),
    ("Angora Turco", 40, 3.0, 5.0),
    ("Himalayo", 14, 3.2, 5.5),
    ("Maine Coon", 10, 5.0, 9.0),
    ("British Shorthair", 10, 4.0, 7.0),
    ("Bengalí", 12, 3.8, 6.5),
    ("Ragdoll", 6, 4.5, 8.0),
    ("Sphynx", 8, 3.0, 5.0),
    ("Azul Ruso", 8, 3.0, 5.5),
    ("Scottish Fold", 6, 3.0, 5.5),
];
const PELAJES_PERRO: &[&str] = &[
    "Negro",
    "Marrón",
    "Blanco",
    "Crema",
    "Dorado",
    "Atigrado",
    "Negro y fuego",
    "Blanco y negro",
    "Marrón y blanco",
    "Gris",
    "Sal y pimienta",
    "Tricolor",
    "Canela",
    "Chocolate",
];
const PELAJES_GATO: &[&str] = &[
    "Atigrado gris",
    "Atigrado naranja",
    "Negro",
    "Blanco",
    "Blanco y negro",
    "Gris",
    "Carey",
    "Calicó",
    "Crema",
    "Punto oscuro",
    "Naranja y blanco",
];
const PELAJES: &[&str] = &["Blanco", "Marrón", "Gris", "Negro", "Blanco y marrón", "Canela", "Moteado"];
const PLUMAJES: &[&str] = &["Verde", "Amarillo", "Azul", "Gris", "Blanco", "Multicolor"];
const ESCAMAS: &[&str] = &["Verde", "Marrón", "Oliva", "Naranja", "Gris"];

const fn otra(clave: &'static str, parte: u32, vida: f64, crece: f64, razas: &'static [Raza], colores: &'static [&'static str]) -> Especie {
    Especie { clave, parte, vida, crece, razas, hembras: OTROS, machos: OTROS, colores }
}

const ESPECIES: &[Especie] = &[
    Especie {
        clave: "perro",
        parte: 6_500,
        vida: 15.0,
        crece: 1.2,
        razas: PERROS_RAZAS,
        hembras: HEMBRAS,
        machos: MACHOS,
        colores: PELAJES_PERRO,
    },
    Especie {
        clave: "gato",
        parte: 2_800,
        vida: 17.0,
        crece: 1.0,
        razas: GATOS_RAZAS,
        hembras: GATAS,
        machos: GATOS,
        colores: PELAJES_GATO,
    },
    otra(
        "conejo",
        230,
        9.0,
        0.7,
        &[("Mestizo", 30, 1.4, 3.0), ("Belier", 12, 1.6, 4.0), ("Cabeza de León", 14, 1.2, 1.9), ("Enano Holandés", 10, 0.8, 1.3)],
        PELAJES,
    ),
    otra(
        "ave",
        150,
        14.0,
        0.3,
        &[
            ("Periquito Australiano", 30, 0.030, 0.042),
            ("Agapornis", 14, 0.045, 0.060),
            ("Ninfa", 14, 0.080, 0.110),
            ("Loro", 14, 0.35, 0.50),
            ("Pihuicho", 16, 0.055, 0.075),
            ("Canario", 14, 0.018, 0.028),
            ("Gallina", 10, 1.6, 3.0),
        ],
        PLUMAJES,
    ),
    otra("hamster", 90, 2.6, 0.25, &[("Sirio", 20, 0.10, 0.16), ("Ruso", 14, 0.030, 0.050), ("Roborovski", 8, 0.020, 0.026)], PELAJES),
    otra(
        "cuy",
        80,
        7.0,
        0.5,
        &[("Mestizo", 14, 0.7, 1.2), ("Perú", 12, 0.9, 1.5), ("Andina", 8, 0.8, 1.3), ("Peruano", 6, 0.8, 1.2)],
        PELAJES,
    ),
    otra("tortuga", 60, 40.0, 6.0, &[("De orejas rojas", 16, 0.4, 1.6), ("Motelo", 12, 3.0, 7.0), ("Taricaya", 8, 3.0, 7.0)], ESCAMAS),
    otra("huron", 25, 8.0, 0.7, &[("Común", 1, 0.7, 1.8)], PELAJES),
    otra("erizo", 20, 5.5, 0.4, &[("Común", 1, 0.30, 0.55)], PELAJES),
    otra(
        "reptil",
        18,
        12.0,
        1.5,
        &[("Iguana Verde", 12, 1.5, 5.0), ("Dragón Barbudo", 6, 0.3, 0.5), ("Gecko Leopardo", 6, 0.045, 0.080)],
        ESCAMAS,
    ),
    otra("chinchilla", 12, 14.0, 0.8, &[("Común", 1, 0.45, 0.70)], PELAJES),
    otra("caballo", 9, 25.0, 4.0, &[("Caballo Peruano de Paso", 12, 380.0, 450.0), ("Mestizo", 6, 350.0, 450.0)], PELAJES),
    otra("pez", 6, 5.0, 0.8, &[("Betta", 8, 0.003, 0.005), ("Goldfish", 8, 0.05, 0.25), ("Carpa Koi", 4, 1.0, 4.0)], ESCAMAS),
];
