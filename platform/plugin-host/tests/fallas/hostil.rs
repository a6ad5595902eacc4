//! Guests that do the same evil in every export of their world. They are written from the contract itself, so an export that is
//! added tomorrow is attacked tomorrow. The server's own tests of faults take them too.
use crate::{
    CONTRATO,
    codigo::{COMMON, CONFIG, data},
};
use plugin_host::{Limit, Outcome};
use wit_parser::{
    Function, Int, Resolve, SizeAlign, Type, TypeDefKind, WorldItem,
    abi::{AbiVariant, WasmType},
};

const LOG: &str = r#"(import "huella:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;
const HONDA: &str = "(func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
const TABLA: &str = "(table $t 1 funcref)";
const SIN_FIN: &str = "(loop $l (br $l)) unreachable";
/// Elements of the longest list that fits in the memory of a guest: of the smallest kind they are still too much to hand over.
const MUCHOS: usize = 180_000;

/// How an export answers: by a list, or by a result whose payload begins so many bytes behind its tag.
#[derive(Debug, Clone, Copy)]
pub enum Respuesta {
    Lista,
    Resultado { carga: usize, lista: bool },
}

/// What every export does, and how a call of it may end.
pub struct Ataque {
    pub nombre: &'static str,
    imports: &'static str,
    aparte: &'static str,
    hace: fn(Respuesta) -> String,
    /// It answers, and does it when it should only tidy up.
    al_irse: bool,
    pub fin: &'static [Outcome],
}

const fn ataque(nombre: &'static str, aparte: &'static str, hace: fn(Respuesta) -> String, fin: &'static [Outcome]) -> Ataque {
    Ataque { nombre, imports: "", aparte, hace, al_irse: false, fin }
}

const CALCULO: &[Outcome] = &[Outcome::Limit(Limit::Cpu), Outcome::Limit(Limit::Combustible)];
const ENTREGA: &[Outcome] = &[Outcome::Limit(Limit::Entrega)];
const TRAMPA: &[Outcome] = &[Outcome::Trap];

pub const ATAQUES: [Ataque; 12] = [
    ataque("bucle", "", |_| SIN_FIN.into(), CALCULO),
    Ataque { al_irse: true, ..ataque("bucle-al-irse", "", |_| SIN_FIN.into(), CALCULO) },
    ataque(
        "memoria",
        "",
        |_| "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable".into(),
        &[Outcome::Limit(Limit::Memoria)],
    ),
    ataque(
        "tabla",
        TABLA,
        |_| "(drop (table.grow $t (ref.null func) (i32.const 1000000))) unreachable".into(),
        &[Outcome::Limit(Limit::Tablas)],
    ),
    ataque("recursion", HONDA, |_| "(call $deep (i32.const 0))".into(), &[Outcome::Limit(Limit::Pila)]),
    ataque("trampa", "", |_| "unreachable".into(), TRAMPA),
    // As a program that panics: it says so, again and again, and is gone.
    Ataque { imports: LOG, ..ataque("diluvio", "", |_| DILUVIO.into(), TRAMPA) },
    ataque("texto", "", texto, ENTREGA),
    ataque("lista", "", lista, ENTREGA),
    ataque("puntero", "", |_| "(i32.const -16)".into(), TRAMPA),
    ataque("caso", "", caso, TRAMPA),
    ataque("bytes", "", bytes, TRAMPA),
];

/// A thousand lines.
const DILUVIO: &str = "(local $n i32) (loop $l (call $log (i32.const 3) (i32.const 700) (i32.const 10) (i32.const 0) (i32.const 0))
    (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 1000)))) unreachable";

/// The error that is a text, of this length at this place.
fn fallo(carga: usize, at: usize, len: usize) -> String {
    format!(
        "(i32.store8 (i32.const 8) (i32.const 1)) (i32.store8 (i32.const {}) (i32.const 0)) (i32.store (i32.const {}) (i32.const {at}))
        (i32.store (i32.const {}) (i32.const {len})) (i32.const 8)",
        8 + carga,
        12 + carga,
        16 + carga
    )
}

fn lista_en(place: usize, len: usize) -> String {
    format!("(i32.store (i32.const {place}) (i32.const 1024)) (i32.store (i32.const {}) (i32.const {len})) (i32.const 8)", place + 4)
}

/// Nothing that anybody could mind.
fn nada(answer: Respuesta) -> String {
    match answer {
        Respuesta::Lista => lista_en(8, 0),
        Respuesta::Resultado { carga, .. } => fallo(carga, 0, 0),
    }
}

fn texto(answer: Respuesta) -> String {
    match answer {
        Respuesta::Lista => lista_en(8, MUCHOS),
        Respuesta::Resultado { carga, .. } => fallo(carga, 1 << 20, 5 << 20),
    }
}

fn lista(answer: Respuesta) -> String {
    match answer {
        Respuesta::Resultado { carga, lista: true } => format!("(i32.store8 (i32.const 8) (i32.const 0)) {}", lista_en(8 + carga, MUCHOS)),
        other => texto(other),
    }
}

/// Neither an answer nor an error.
fn caso(answer: Respuesta) -> String {
    match answer {
        Respuesta::Lista => "(i32.store (i32.const 8) (i32.const -16)) (i32.store (i32.const 12) (i32.const 4)) (i32.const 8)".into(),
        Respuesta::Resultado { .. } => "(i32.store8 (i32.const 8) (i32.const 7)) (i32.const 8)".into(),
    }
}

/// A text that is none.
fn bytes(answer: Respuesta) -> String {
    match answer {
        Respuesta::Lista => {
            format!("(i32.store (i32.const 1024) (i32.const 640)) (i32.store (i32.const 1028) (i32.const 2)) {}", lista_en(8, 1))
        }
        Respuesta::Resultado { carga, .. } => fallo(carga, 640, 2),
    }
}

/// An export of a world: its name in the module and in lists of runs, and what it takes and gives.
struct Salida {
    nombre: String,
    operacion: String,
    parametros: String,
    respuesta: Respuesta,
}

fn salidas(world: &str) -> Vec<Salida> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(CONTRATO).expect("the contract");
    let world = resolve.select_world(&[package], Some(world)).expect("a world");
    let mut sizes = SizeAlign::default();
    sizes.fill(&resolve);
    let mut all = Vec::new();
    for item in resolve.worlds[world].exports.values() {
        let WorldItem::Interface { id, .. } = item else { panic!("worlds export interfaces") };
        let interface = resolve.id_of(*id).expect("a name");
        for function in resolve.interfaces[*id].functions.values() {
            let signature = resolve.wasm_signature(AbiVariant::GuestExport, function);
            assert_eq!(signature.results.len(), 1, "{}: what it answers is somewhere in its memory", function.name);
            let parametros: Vec<&str> = signature.params.iter().map(|kind| of_core(*kind)).collect();
            all.push(Salida {
                nombre: format!("{interface}#{}", function.name),
                operacion: function.name.replace('-', "_"),
                parametros: parametros.join(" "),
                respuesta: respuesta(&resolve, &sizes, function),
            });
        }
    }
    all
}

fn of_core(kind: WasmType) -> &'static str {
    match kind {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}

fn respuesta(resolve: &Resolve, sizes: &SizeAlign, function: &Function) -> Respuesta {
    let is_list = |kind: &Type| matches!(kind, Type::Id(id) if matches!(resolve.types[*id].kind, TypeDefKind::List(_)));
    let Some(Type::Id(id)) = function.result else { panic!("{}: it answers nothing", function.name) };
    match &resolve.types[id].kind {
        TypeDefKind::List(_) => Respuesta::Lista,
        TypeDefKind::Result(result) => {
            let carga = sizes.payload_offset(Int::U8, [result.ok.as_ref(), result.err.as_ref()]).size_wasm32();
            Respuesta::Resultado { carga, lista: result.ok.as_ref().is_some_and(is_list) }
        }
        other => panic!("{}: {}", function.name, other.as_str()),
    }
}

/// What a world exports, as runs name it.
pub fn operaciones(world: &str) -> Vec<String> {
    salidas(world).into_iter().map(|one| one.operacion).collect()
}

/// Does it in every export; one that is asleep, once it has a configuration.
pub fn modulo(world: &str, ataque: &Ataque, dormido: bool) -> String {
    let awake = if dormido { "(call $json (i32.const 40)) (i32.gt_u (i32.load (i32.const 44)) (i32.const 2))" } else { "(i32.const 1)" };
    let config = if dormido { CONFIG } else { "" };
    let mut exports = String::new();
    for Salida { nombre, parametros, respuesta, .. } in salidas(world) {
        let (evil, nothing) = ((ataque.hace)(respuesta), nada(respuesta));
        let parametros = if parametros.is_empty() { String::new() } else { format!("(param {parametros})") };
        let at_once = format!("(if (result i32) (call $despierto) (then (call $malo-{nombre})) (else {nothing}))");
        // Nobody may be asked anything once the answer is given.
        let later = format!("(global.set $malvado (call $despierto)) {nothing}");
        let does = if ataque.al_irse { later } else { at_once };
        exports += &format!("(func $malo-{nombre} (result i32) {evil}) (func (export \"{nombre}\") {parametros} (result i32) {does})");
        if ataque.al_irse {
            let evil = format!("(if (global.get $malvado) (then (drop (call $malo-{nombre}))))");
            exports += &format!("(func (export \"cabi_post_{nombre}\") (param i32) {evil})");
        }
    }
    // What is handed over has to exist, or it is out of bounds instead.
    let common = COMMON.replacen("(memory (export \"memory\") 2)", "(memory (export \"memory\") 200)", 1);
    assert!(common != COMMON);
    let texts = format!("(data (i32.const 640) \"\\ff\\fe\") {}", data(700, "me caigo.."));
    format!(
        "(module {config} {} {common} {texts} {} (global $malvado (mut i32) (i32.const 0)) (func $despierto (result i32) {awake}) {exports})",
        ataque.imports, ataque.aparte
    )
}
