//! One-time codes to phones, for domains that know nothing of channels. They are wanted now and are worth
//! little: what one channel cannot do at once the next one does, and what may have left is not sent again.
use crate::canales::{CanalFallo, DeCanales, Saliente};
use async_trait::async_trait;
use kernel::{
    Problem,
    ids::TenantId,
    job::{Fallo, Intento},
    ports::{CodigoATelefono, Telefonos},
};
use pacientes::Medio;
use std::time::Duration;

/// In this order: a text message needs no template that somebody approved.
const MEDIOS: [Medio; 2] = [Medio::Sms, Medio::Whatsapp];
/// The template at the provider, where a channel has them; its one variable is the code.
const PLANTILLA: &str = "codigo_verificacion";

/// The chain's channels that are plugins.
pub struct PorCanales(pub DeCanales);

impl PorCanales {
    /// Plugin and medium of those that reach phones.
    async fn abiertos(&self, tenant: TenantId) -> Result<Vec<(String, Medio)>, Problem> {
        let activos = self.0.0.activos(tenant).await?;
        let of = |medio: Medio| Some((activos.iter().find(|canal| canal.clave == medio.clave())?.complemento.clone(), medio));
        Ok(MEDIOS.into_iter().filter_map(of).collect())
    }
}

fn saliente(codigo: &CodigoATelefono<'_>, medio: Medio) -> Saliente {
    let CodigoATelefono { a, cadena, codigo, .. } = codigo;
    let (plantilla, variables) = match medio {
        Medio::Whatsapp => (PLANTILLA.to_owned(), vec![("1".to_owned(), (*codigo).to_owned())]),
        Medio::Correo | Medio::Sms => (String::new(), Vec::new()),
    };
    let texto = format!("{codigo} es su código para reservar en {cadena}. Vence en diez minutos. Nadie de {cadena} se lo pedirá.");
    Saliente { a: (*a).to_owned(), plantilla, variables, texto }
}

#[async_trait]
impl Telefonos for PorCanales {
    async fn hay(&self, tenant: TenantId) -> Result<bool, Problem> {
        Ok(!self.abiertos(tenant).await?.is_empty())
    }

    async fn codigo(&self, tenant: TenantId, codigo: CodigoATelefono<'_>, intento: Intento) -> Result<(), Fallo> {
        let number = u32::try_from(intento.numero - 1).unwrap_or_default();
        // Unless every way says no for good: as soon as one of them may be tried again.
        let mut later: Option<Option<Duration>> = None;
        for (complemento, medio) in self.abiertos(tenant).await? {
            let clave = format!("{}-{}", codigo.clave, medio.clave());
            match self.0.0.enviar(tenant, &complemento, &clave, number, &saliente(&codigo, medio)).await {
                Ok(_) | Err(CanalFallo::Incierto(_)) => return Ok(()),
                Err(CanalFallo::Rechazado { .. } | CanalFallo::SinPermiso(_) | CanalFallo::Detenido { espera: None, .. }) => {}
                Err(CanalFallo::Luego(espera) | CanalFallo::Detenido { espera, .. }) => {
                    later = Some(later.map_or(espera, |known| known.min(espera)));
                }
                Err(CanalFallo::NoCorrio(_)) => later = Some(None),
            }
        }
        let why = "ningún canal entregó el código".to_owned();
        Err(later.map_or(Fallo::Nunca(why.clone()), |wait| Fallo::tras(wait, why)))
    }
}
