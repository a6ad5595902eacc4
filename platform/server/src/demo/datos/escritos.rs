//! What invented people wrote to a chain: sheets of its Libro de Reclamaciones, and requests about their data. Few: so that their
//! screens show something.
use super::{agenda::Sede, store};
use jiff::{ToSpan, civil::Date};
use kernel::{Problem, SystemCtx, Tx, ids::TenantId};
use pacientes::Canal;
use privacidad::{Derecho, Identidad, NuevaSolicitud, Pedido};
use reclamos::Formulario;

/// A sheet: of which sede, by its place; what kind; who; what about; how much; what happened; what is asked for.
type Hoja = (usize, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);
const HOJAS: [Hoja; 4] = [
    (
        0,
        "reclamo",
        "Rosa Inventada Paredes",
        "Baño medicado de Toby",
        "70.00",
        "Me cobraron el baño dos veces: con tarjeta y en efectivo.",
        "Que me devuelvan uno de los dos cobros.",
    ),
    (
        0,
        "queja",
        "Julio Supuesto Ramírez",
        "Consulta de Mishi",
        "",
        "Llegué a mi hora y esperé una hora y media sin que nadie me avisara.",
        "Que avisen cuando hay demora.",
    ),
    (
        1,
        "queja",
        "Elena Ficticia Torres",
        "Atención en recepción",
        "",
        "Nadie contestó el teléfono en toda la mañana.",
        "Otra manera de pedir cita.",
    ),
    (
        1,
        "reclamo",
        "Marco Imaginario Díaz",
        "Radiografía de Bruno",
        "110.00",
        "La radiografía salió movida y hubo que repetirla; me la cobraron otra vez.",
        "Que no me cobren la segunda.",
    ),
];

/// A request: which right, how it came, how they proved who they are, how many days ago, who, and what they ask for.
type Pedida = (Derecho, Canal, Option<Identidad>, i32, &'static str, &'static str);
const PEDIDAS: [Pedida; 4] = [
    (
        Derecho::Acceso,
        Canal::Presencial,
        Some(Identidad::Documento),
        6,
        "Rosa Inventada Paredes",
        "Todo lo que tienen de mí y de mi perro.",
    ),
    (Derecho::Rectificacion, Canal::Correo, None, 2, "Julio Supuesto Ramírez", "Mi teléfono cambió y me siguen llamando al anterior."),
    (
        Derecho::Oposicion,
        Canal::Mensaje,
        Some(Identidad::ContactoConocido),
        9,
        "Elena Ficticia Torres",
        "No quiero más recordatorios ni promociones.",
    ),
    (
        Derecho::Portabilidad,
        Canal::Presencial,
        Some(Identidad::Poder),
        1,
        "Marco Imaginario Díaz",
        "La historia de Bruno, para llevarla a otra ciudad.",
    ),
];

fn formulario(index: usize, hoja: &Hoja) -> Formulario {
    let (_, tipo, nombre, bien, monto, detalle, pedido) = *hoja;
    let text = str::to_owned;
    Formulario {
        tipo: text(tipo),
        nombre: text(nombre),
        documento_tipo: text("dni"),
        documento: format!("9000{index:04}"),
        domicilio: format!("Jr. Inventado {}, Lima", 100 + index),
        bien: text("servicio"),
        bien_descripcion: text(bien),
        monto: text(monto),
        detalle: text(detalle),
        pedido: text(pedido),
        ..Formulario::default()
    }
}

fn nueva(hoy: Date, pedida: &Pedida) -> NuevaSolicitud {
    let (derecho, canal, identidad, dias, nombre, detalle) = *pedida;
    let pedido = Pedido { nombre: nombre.to_owned(), contacto: None, detalle: detalle.to_owned() };
    NuevaSolicitud { derecho, canal, tutor_id: None, identidad, pedido, recibida_el: Some(hoy.saturating_sub(dias.days())) }
}

pub async fn cargar(system: &SystemCtx, tenant: TenantId, sedes: &[Sede]) -> Result<(), Problem> {
    let mut tx: Tx = store::begin_unhurried(system, tenant).await?;
    for (index, hoja) in HOJAS.iter().enumerate() {
        if let Some(sede) = sedes.get(hoja.0) {
            reclamos::dejar(&mut tx, sede.id, &formulario(index, hoja)).await?;
        }
    }
    let hoy = tx.now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(-5))).date();
    for pedida in &PEDIDAS {
        privacidad::abrir(&mut tx, nueva(hoy, pedida)).await?;
    }
    tx.commit().await
}
