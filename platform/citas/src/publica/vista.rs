//! What the booking page shows, step by step.
use crate::{
    model::{HuecoPublico, MedicoPublico, SedePublica, ServicioPublico},
    store::publica::Contacto,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// A page as it is to be shown.
pub struct Vista {
    pub cadena: String,
    /// The chain's key.
    pub clave: String,
    pub sede: SedePublica,
    pub contacto: Option<Contacto>,
    pub zona: TimeZone,
    pub elegido: Elegido,
    /// Days to choose from; the one that is shown, and its free times.
    pub dias: Vec<Date>,
    pub dia: Option<Date>,
    pub horas: Vec<HuecoPublico>,
    pub hora: Option<HuecoPublico>,
    /// Whether a code may go to a phone.
    pub celular: bool,
}

/// What was chosen, of what the sede offers.
pub struct Elegido {
    pub servicio: Option<ServicioPublico>,
    pub medico: Option<MedicoPublico>,
}

impl Elegido {
    /// Where there is no choice nobody has to make it.
    pub fn read(sede: &SedePublica, servicio: Option<&str>, medico: Option<&str>) -> Self {
        let only = || sede.servicios.first().filter(|_| sede.servicios.len() == 1);
        let servicio = servicio.and_then(|id| sede.servicios.iter().find(|one| one.id.to_string() == id)).or_else(only).cloned();
        let medico = medico.and_then(|id| sede.medicos.iter().find(|one| one.id.to_string() == id)).cloned();
        Self { servicio, medico }
    }
}

impl Vista {
    /// The page with other choices.
    pub fn ruta(&self, dia: Option<Date>, hora: Option<Timestamp>) -> String {
        let medico = self.elegido.medico.as_ref().map(|medico| medico.id.to_string());
        self.ruta_con(self.elegido.servicio.as_ref().map(|servicio| servicio.id.to_string()), medico, dia, hora)
    }

    pub fn ruta_con(&self, servicio: Option<String>, medico: Option<String>, dia: Option<Date>, hora: Option<Timestamp>) -> String {
        let chosen = [
            ("servicio", servicio),
            ("medico", medico),
            ("dia", dia.map(|dia| dia.to_string())),
            ("hora", hora.map(|hora| hora.to_string())),
        ];
        let pairs: Vec<String> = chosen.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect();
        let base = format!("/reservar/{}/{}", self.clave, slug(&self.sede.nombre));
        if pairs.is_empty() { base } else { format!("{base}?{}", pairs.join("&")) }
    }
}

/// A name as part of an address: «Andes Miraflores» is `andes-miraflores`.
pub fn slug(name: &str) -> String {
    let words = kernel::text::words(name);
    words.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_part_of_an_address() {
        assert_eq!(slug("Andes Ñaña – San Martín"), "andes-nana-san-martin");
    }
}
