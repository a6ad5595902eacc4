//! Proving an address or a phone with a code, before anything of its owner is shown. Whether the chain knows it is not even
//! looked up until then, so no answer can tell.
use crate::{
    codigos,
    model::{CanalCodigo, CodigoEnviado, CodigoRecibido, Destino, MascotaPropia, SesionDeReserva, SesionVista, TutorPropio, problemas},
    store::{self, Pedida, Sesion},
};
use jiff::SignedDuration;
use kernel::{Change, Correo, Problem, Tx, crypto::random32, ids::TutorId, problem::kinds, token};
use pacientes::DatosTutor;
use serde_json::json;
use std::net::{IpAddr, Ipv6Addr};
use uuid::Uuid;

pub const SOLICITUD: &str = "hq_";
pub const SESION: &str = "hs_";
const SECRETO: &str = "autoreserva";

const VIVE_CODIGO: SignedDuration = SignedDuration::from_mins(10);
const VIVE_SESION: SignedDuration = SignedDuration::from_mins(30);
/// Of a million codes, 5 tries of 5 codes an hour: a chance of 1 in 40,000 an hour to guess into one address or phone.
const INTENTOS: i16 = 5;
const HORA: SignedDuration = SignedDuration::from_hours(1);
const POR_DESTINO: i64 = 5;
/// A whole clinic's waiting room may share an address.
const POR_RED: i64 = 30;

/// The network that a request comes from, so that it can be counted and not read: one customer of a provider usually
/// holds a whole /64.
pub fn red(tx: &Tx) -> Vec<u8> {
    let network = tx.who().origin.as_ref().map(|origin| match origin.ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    });
    tx.blind_index("red", &network.map(|network| network.to_string()).unwrap_or_default())
}

fn six_digits() -> String {
    let bytes = random32();
    let number = bytes.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}

fn hashed(tx: &Tx, id: Uuid, codigo: &str) -> Vec<u8> {
    tx.blind_index("codigo", &format!("{id}:{codigo}"))
}

/// Makes a code and asks for its letter, or for its way to a phone.
pub async fn pedir(tx: &mut Tx, destino: &Destino) -> Result<CodigoEnviado, Problem> {
    let (indice, red) = (tx.blind_index(destino.clase(), &destino.valor), red(tx));
    store::bloquear_palabra(tx, &indice).await?;
    store::bloquear_palabra(tx, &red).await?;
    let desde = tx.now() - HORA;
    let (of_target, of_network) = store::codigos_desde(tx, &indice, &red, desde).await?;
    if of_target >= POR_DESTINO || of_network >= POR_RED {
        return Err(Problem::new(kinds::TOO_MANY)
            .detail("Pidió muchos códigos: espere una hora.")
            .retry_after(HORA.as_secs().unsigned_abs()));
    }
    let (id, codigo) = (Uuid::now_v7(), six_digits());
    let (solicitud, resumen) = token::make(SOLICITUD, tx.who().tenant);
    let (sellado, vence_en) = (tx.seal_secret(SECRETO, &destino.valor)?, tx.now() + VIVE_CODIGO);
    let (canal, hash) = (destino.canal, hashed(tx, id, &codigo));
    let pedida = Pedida { id, solicitud: &resumen, canal, indice: &indice, sellado: &sellado, red: &red, codigo: &hash, vence_en };
    store::insert_pedida(tx, &pedida).await?;
    match canal {
        CanalCodigo::Correo => {
            let letter = Correo::new("codigo_reserva", id.to_string(), kernel::Destino::Direccion(destino.valor.clone()));
            let datos = json!({ "codigo": codigo, "minutos": VIVE_CODIGO.as_mins() });
            tx.enviar(&letter.datos(datos).vence(vence_en)).await?;
        }
        CanalCodigo::Telefono => codigos::encolar(tx, id, &destino.valor, &codigo, vence_en).await?,
    }
    tx.audit(Change::new("pedir_codigo", "autoreserva", id).despues(json!({ "canal": canal })));
    Ok(CodigoEnviado { solicitud, vence_en })
}

/// Opens a session if the code is right. A wrong one is counted: the caller commits in any case.
pub async fn verificar(tx: &mut Tx, resumen: &[u8], recibido: &CodigoRecibido) -> Result<Result<SesionDeReserva, Problem>, Problem> {
    let Some(intento) = store::intentar(tx, resumen, INTENTOS).await? else {
        return Ok(Err(Problem::new(problemas::CODIGO_VENCIDO).detail("El código venció o se usó: pida otro.")));
    };
    if hashed(tx, intento.id, &recibido.codigo) != intento.codigo {
        return Ok(Err(Problem::new(problemas::CODIGO_INCORRECTO).with("quedan", INTENTOS - intento.intentos)));
    }
    let (sesion, resumen) = token::make(SESION, tx.who().tenant);
    let vence_en = tx.now() + VIVE_SESION;
    store::abrir_sesion(tx, intento.id, &resumen, vence_en).await?;
    tx.audit(Change::new("verificar", "autoreserva", intento.id));
    Ok(Ok(SesionDeReserva { sesion, vence_en }))
}

/// The session of a secret, held; 410 if it is over or never was.
pub async fn sesion(tx: &mut Tx, resumen: &[u8]) -> Result<Sesion, Problem> {
    store::lock_sesion(tx, resumen).await?.ok_or_else(|| Problem::new(problemas::SESION_VENCIDA).detail("Pida otro código."))
}

/// The owners that a session's address or phone belongs to.
pub async fn tutores(tx: &mut Tx, sesion: &Sesion) -> Result<Vec<TutorId>, Problem> {
    let proved = tx.open_secret(SECRETO, &sesion.sellado)?;
    match sesion.canal {
        CanalCodigo::Correo => pacientes::de_correo(tx, &proved).await,
        CanalCodigo::Telefono => pacientes::de_telefono(tx, &proved).await,
    }
}

/// Somebody new as they say who they are, with the address or the phone that they proved and not another one.
pub fn con_lo_comprobado(tx: &Tx, sesion: &Sesion, nuevo: &TutorPropio) -> Result<DatosTutor, Problem> {
    let proved = Some(tx.open_secret(SECRETO, &sesion.sellado)?);
    let (correo, telefono) = match sesion.canal {
        CanalCodigo::Correo => (proved, nuevo.telefono.clone()),
        CanalCodigo::Telefono => (nuevo.correo.clone(), proved),
    };
    let (nombres, apellidos) = (nuevo.nombres.clone(), Some(nuevo.apellidos.clone()));
    Ok(DatosTutor { nombres, apellidos, telefono, correo, ..DatosTutor::default() })
}

/// What a session shows: the pets of whoever has its address or phone, by name and species.
pub async fn vista(tx: &mut Tx, sesion: &Sesion) -> Result<SesionVista, Problem> {
    let tutores = tutores(tx, sesion).await?;
    let pets = pacientes::mascotas_de(tx, &tutores).await?;
    let mascotas = pets.into_iter().map(|pet| MascotaPropia { id: pet.id, nombre: pet.nombre, especie: pet.especie }).collect();
    Ok(SesionVista { conocido: !tutores.is_empty(), mascotas, vence_en: sesion.hasta })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_six_digits_and_is_seldom_the_same() {
        let codes: std::collections::HashSet<String> = (0..50).map(|_| six_digits()).collect();
        assert!(codes.len() > 45 && codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
    }
}
