//! By which channel a message goes: in the order that its owner or the chain wants, the first one that is possible.
use super::Tipo;
use crate::canales::Canal;
use kernel::ids::SedeId;
use pacientes::{Consentido, Medio};

/// A way that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruta {
    pub medio: Medio,
    /// `None`: the e-mail that is built in.
    pub complemento: Option<String>,
    pub destino: String,
}

/// Why one is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motivo {
    SinCorreo,
    SinCelular,
    SinConsentimiento,
    SinCanal,
    YaFallo,
}

impl Motivo {
    pub fn texto(self) -> &'static str {
        match self {
            Self::SinCorreo => "el tutor no tiene correo",
            Self::SinCelular => "el tutor no tiene celular",
            Self::SinConsentimiento => "el tutor no lo consintió",
            Self::SinCanal => "el canal no está activo",
            Self::YaFallo => "ya falló",
        }
    }
}

/// In which order a kind of message tries the media: as its owner wants it, else as the chain does it.
pub fn orden(tipo: Tipo, propio: Option<Vec<Medio>>, de_cadena: &[Medio]) -> Vec<Medio> {
    if let Some(propio) = propio {
        return propio;
    }
    let mut canales = de_cadena.to_vec();
    // Who booked alone, or waits, has the link from nowhere else, and it is kept for no second way: first the one that a
    // provider does not take back an hour later, then any that they agreed to.
    if tipo.es_de_reserva() {
        canales.retain(|medio| *medio != Medio::Correo);
        canales.insert(0, Medio::Correo);
        let others: Vec<Medio> = [Medio::Whatsapp, Medio::Sms].into_iter().filter(|medio| !canales.contains(medio)).collect();
        canales.extend(others);
    }
    canales
}

/// What decides.
pub struct Caso<'a> {
    pub tipo: Tipo,
    pub orden: &'a [Medio],
    pub correo: Option<&'a str>,
    pub telefono: Option<&'a str>,
    /// For reminders.
    pub consentido: Consentido,
    pub canales: &'a [Canal],
    pub sede: Option<SedeId>,
    /// Those on which this message failed already.
    pub fallidos: &'a [Medio],
}

impl Caso<'_> {
    pub fn elegir(&self) -> Result<Ruta, Vec<(Medio, Motivo)>> {
        let mut why = Vec::new();
        for medio in self.orden {
            match self.por(*medio) {
                Ok(ruta) => return Ok(ruta),
                Err(motivo) => why.push((*medio, motivo)),
            }
        }
        Err(why)
    }

    fn por(&self, medio: Medio) -> Result<Ruta, Motivo> {
        if self.fallidos.contains(&medio) {
            return Err(Motivo::YaFallo);
        }
        let destino = match medio {
            Medio::Correo => self.correo.ok_or(Motivo::SinCorreo)?,
            Medio::Whatsapp | Medio::Sms => self.telefono.filter(|telefono| es_celular(telefono)).ok_or(Motivo::SinCelular)?,
        };
        let said = self.consentido.por(medio);
        // Who took back being reminded is not, whatever the chain needs no consent for.
        if said != Some(true) && self.tipo.pide_consentimiento(medio) || said == Some(false) && self.tipo == Tipo::CitaRecordatorio {
            return Err(Motivo::SinConsentimiento);
        }
        let complemento = match medio {
            Medio::Correo => None,
            Medio::Whatsapp | Medio::Sms => Some(self.canal(medio).ok_or(Motivo::SinCanal)?.complemento.clone()),
        };
        Ok(Ruta { medio, complemento, destino: destino.to_owned() })
    }

    /// A message of the chain itself may go by a channel of some of its sedes.
    fn canal(&self, medio: Medio) -> Option<&Canal> {
        let here = |canal: &&Canal| canal.sedes.as_ref().is_none_or(|sedes| self.sede.is_none_or(|sede| sedes.contains(&sede)));
        self.canales.iter().filter(|canal| canal.clave == medio.clave()).find(here)
    }
}

/// Of Peruvian numbers those that begin with 9; of others nobody knows.
fn es_celular(telefono: &str) -> bool {
    telefono.strip_prefix("+51").map_or_else(|| telefono.starts_with('+'), |national| national.starts_with('9'))
}

/// In words, for the desk.
pub fn explicar(why: &[(Medio, Motivo)]) -> String {
    match why {
        [] => "el tutor no quiere mensajes".into(),
        [(_, motivo)] => motivo.texto().into(),
        all => all.iter().map(|(medio, motivo)| format!("{}: {}", medio.clave(), motivo.texto())).collect::<Vec<_>>().join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Medio::{Correo, Sms, Whatsapp};
    use rstest::rstest;
    use uuid::Uuid;

    const LIMA: SedeId = SedeId(Uuid::from_u128(1));

    fn canal(clave: &str, sedes: Option<Vec<SedeId>>) -> Canal {
        Canal { complemento: format!("pe.huella.{clave}"), clave: clave.into(), nombre: clave.into(), sedes }
    }

    #[rstest]
    #[case::first_wanted(Tipo::Recordatorio, &[Whatsapp, Sms, Correo], "+51987654321", Some(true), &[], Ok(Whatsapp))]
    #[case::failed(Tipo::Recordatorio, &[Whatsapp, Sms, Correo], "+51987654321", Some(true), &[Whatsapp], Ok(Sms))]
    #[case::land_line(Tipo::Recordatorio, &[Whatsapp, Correo], "+5114567890", Some(true), &[], Ok(Correo))]
    #[case::never_asked(Tipo::Recordatorio, &[Whatsapp, Correo], "+51987654321", None, &[], Err([Motivo::SinConsentimiento; 2]))]
    #[case::an_appointment_by_mail(Tipo::CitaReservada, &[Whatsapp, Correo], "+51987654321", None, &[], Ok(Correo))]
    #[case::taken_back(Tipo::CitaRecordatorio, &[Whatsapp, Correo], "+51987654321", Some(false), &[], Err([Motivo::SinConsentimiento; 2]))]
    #[case::but_told_of_changes(Tipo::CitaMovida, &[Whatsapp, Correo], "+51987654321", Some(false), &[], Ok(Correo))]
    #[case::all_failed(Tipo::CitaMovida, &[Sms, Correo], "+51987654321", Some(true), &[Sms, Correo], Err([Motivo::YaFallo; 2]))]
    fn the_first_way_that_is_open(
        #[case] tipo: Tipo,
        #[case] orden: &[Medio],
        #[case] telefono: &str,
        #[case] said: Option<bool>,
        #[case] fallidos: &[Medio],
        #[case] expected: Result<Medio, [Motivo; 2]>,
    ) {
        let consentido = said.map_or_else(Consentido::default, Consentido::de_todo);
        let canales = [canal("sms", None), canal("whatsapp", Some(vec![LIMA]))];
        let caso = Caso {
            tipo,
            orden,
            correo: Some("a@b.pe"),
            telefono: Some(telefono),
            consentido,
            canales: &canales,
            sede: Some(LIMA),
            fallidos,
        };
        let chosen = caso.elegir().map(|ruta| ruta.medio).map_err(|why| [why[0].1, why[1].1]);
        assert_eq!(chosen, expected);
    }

    #[rstest]
    #[case::as_the_chain_does_it(Tipo::CitaMovida, None, &[Sms], &[Sms])]
    #[case::a_link_by_any(Tipo::EsperaOferta, None, &[Sms], &[Correo, Sms, Whatsapp])]
    #[case::a_link_by_mail_first(Tipo::ReservaHecha, None, &[Whatsapp, Correo], &[Correo, Whatsapp, Sms])]
    #[case::as_they_want_it(Tipo::EsperaOferta, Some(vec![Sms]), &[Correo], &[Sms])]
    #[case::by_nothing(Tipo::EsperaOferta, Some(vec![]), &[Correo], &[])]
    fn a_link_goes_by_any_way_unless_its_owner_wants_another(
        #[case] tipo: Tipo,
        #[case] propio: Option<Vec<Medio>>,
        #[case] de_cadena: &[Medio],
        #[case] expected: &[Medio],
    ) {
        assert_eq!(orden(tipo, propio, de_cadena), expected);
    }

    #[test]
    fn a_channel_of_another_sede_is_none() {
        let canales = [canal("whatsapp", Some(vec![SedeId(Uuid::from_u128(2))]))];
        let caso = Caso {
            tipo: Tipo::Recordatorio,
            orden: &[Whatsapp, Correo],
            correo: None,
            telefono: Some("+51987654321"),
            consentido: Consentido::de_todo(true),
            canales: &canales,
            sede: Some(LIMA),
            fallidos: &[],
        };
        let why = caso.elegir().expect_err("no way");
        assert_eq!(explicar(&why), "whatsapp: el canal no está activo; correo: el tutor no tiene correo");
    }
}
