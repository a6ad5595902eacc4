//! The form as a browser sends it, and what has to be in it.
use super::reclamo::{Bien, Consumidor, Hoja, Tipo};
use kernel::{
    Soles,
    text::{self, DocumentoTipo},
};
use serde::{Deserialize, de::value::StrDeserializer};

/// A field to be corrected: its name, and what is wrong.
pub type Falta = (&'static str, &'static str);

/// All fields as they were written; what is missing is empty.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Formulario {
    /// The consumer's way back to the sheet, made with the form.
    pub enlace: String,
    pub tipo: String,
    pub nombre: String,
    pub documento_tipo: String,
    pub documento: String,
    pub domicilio: String,
    pub telefono: String,
    pub correo: String,
    pub apoderado: String,
    pub bien: String,
    pub bien_descripcion: String,
    pub monto: String,
    pub detalle: String,
    pub pedido: String,
}

/// A form with nothing left to correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presentada {
    pub tipo: Tipo,
    pub hoja: Hoja,
}

/// One of the words of an enum.
fn choice<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).ok()
}

/// `118`, `118.5` and `118,50` are what people write.
fn monto(text: &str) -> Option<Soles> {
    let plain = text.trim().trim_start_matches("S/").trim().replace(',', ".");
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, ""));
    if cents.len() > 2 { None } else { format!("{whole}.{cents:0<2}").parse().ok().filter(|soles: &Soles| soles.0 >= 0) }
}

/// Reads the fields one after the other and keeps all that is wrong.
#[derive(Default)]
struct Lectura(Vec<Falta>);

impl Lectura {
    fn wrong(&mut self, campo: &'static str, why: &'static str) {
        self.0.push((campo, why));
    }
    /// Trimmed, with no control characters but the ends of lines.
    fn texto(&mut self, campo: &'static str, text: &str, max: usize) -> Option<String> {
        let plain: String = text.trim().chars().filter(|c| !c.is_control() || *c == '\n').collect();
        if plain.chars().count() > max {
            self.wrong(campo, "es demasiado largo");
        }
        Some(plain).filter(|plain| !plain.is_empty())
    }
    fn necesario(&mut self, campo: &'static str, text: &str, max: usize) -> String {
        let read = self.texto(campo, text, max);
        if read.is_none() {
            self.wrong(campo, "falta escribirlo");
        }
        read.unwrap_or_default()
    }
    fn elegido<T: for<'de> Deserialize<'de>>(&mut self, campo: &'static str, text: &str, otherwise: T) -> T {
        choice(text).unwrap_or_else(|| {
            self.wrong(campo, "falta elegirlo");
            otherwise
        })
    }
}

impl Formulario {
    /// The sheet, or everything that is wrong with it. Who leaves neither address nor e-mail cannot be answered, and the law
    /// takes such a sheet for none.
    pub fn leer(&self) -> Result<Presentada, Vec<Falta>> {
        let mut lectura = Lectura::default();
        let tipo = lectura.elegido("tipo", &self.tipo, Tipo::Reclamo);
        let consumidor = self.consumidor(&mut lectura);
        let bien = lectura.elegido("bien", &self.bien, Bien::Servicio);
        let bien_descripcion = lectura.necesario("bien_descripcion", &self.bien_descripcion, 500);
        let pedido_de_dinero = monto(&self.monto);
        if pedido_de_dinero.is_none() && !self.monto.trim().is_empty() {
            lectura.wrong("monto", "debe ser un monto en soles, como 118.00");
        }
        let detalle = lectura.necesario("detalle", &self.detalle, 4000);
        let pedido = lectura.necesario("pedido", &self.pedido, 2000);
        let hoja = Hoja { consumidor, bien, bien_descripcion, monto: pedido_de_dinero, detalle, pedido };
        if lectura.0.is_empty() { Ok(Presentada { tipo, hoja }) } else { Err(lectura.0) }
    }

    fn consumidor(&self, lectura: &mut Lectura) -> Consumidor {
        let nombre = lectura.necesario("nombre", &self.nombre, 200);
        let documento_tipo = lectura.elegido("documento_tipo", &self.documento_tipo, DocumentoTipo::Dni);
        let documento = documento_tipo.normalise(&self.documento).unwrap_or_else(|why| {
            lectura.wrong("documento", why);
            String::new()
        });
        let domicilio = lectura.texto("domicilio", &self.domicilio, 300);
        let telefono = lectura.texto("telefono", &self.telefono, 30);
        let normal = telefono.as_deref().and_then(text::phone);
        if telefono.is_some() && normal.is_none() {
            lectura.wrong("telefono", text::format_help("telefono"));
        }
        let correo = lectura.texto("correo", &self.correo, 254).map(|correo| text::email(&correo));
        if correo.as_deref().is_some_and(|correo| !text::is_email(correo)) {
            lectura.wrong("correo", text::format_help("correo"));
        }
        if correo.is_none() && domicilio.is_none() {
            lectura.wrong("correo", "escriba su correo o su domicilio: ahí le llega la respuesta");
        }
        let apoderado = lectura.texto("apoderado", &self.apoderado, 200);
        Consumidor { nombre, documento_tipo, documento, domicilio, telefono: normal, correo, apoderado }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn lleno() -> Formulario {
        let text = str::to_owned;
        Formulario {
            enlace: String::new(),
            tipo: text("queja"),
            nombre: text(" Rosa  Flores "),
            documento_tipo: text("dni"),
            documento: text("4030 2010"),
            domicilio: String::new(),
            telefono: text("987 654 321"),
            correo: text("Rosa@Ejemplo.pe"),
            apoderado: String::new(),
            bien: text("servicio"),
            bien_descripcion: text("Consulta de Luna"),
            monto: text("80,5"),
            detalle: text("Esperé\r\ndos horas\u{7}"),
            pedido: text("Una disculpa"),
        }
    }

    #[test]
    fn what_people_write_becomes_a_sheet() {
        let Presentada { tipo, hoja } = lleno().leer().expect("whole");
        assert_eq!((tipo, hoja.bien, hoja.monto), (Tipo::Queja, Bien::Servicio, Some(Soles(8050))));
        assert_eq!((hoja.consumidor.documento.as_str(), hoja.consumidor.telefono.as_deref()), ("40302010", Some("+51987654321")));
        assert_eq!((hoja.consumidor.correo.as_deref(), hoja.detalle.as_str()), (Some("rosa@ejemplo.pe"), "Esperé\ndos horas"));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let faltas = Formulario::default().leer().expect_err("empty");
        let campos: Vec<&str> = faltas.iter().map(|(campo, _)| *campo).collect();
        assert_eq!(campos, ["tipo", "nombre", "documento_tipo", "documento", "correo", "bien", "bien_descripcion", "detalle", "pedido"]);
    }

    #[rstest]
    #[case::no_address(|f: &mut Formulario| f.correo.clear(), "correo")]
    #[case::phone(|f: &mut Formulario| f.telefono = "12".into(), "telefono")]
    #[case::document(|f: &mut Formulario| f.documento = "123".into(), "documento")]
    #[case::money(|f: &mut Formulario| f.monto = "mucho".into(), "monto")]
    #[case::negative(|f: &mut Formulario| f.monto = "-5".into(), "monto")]
    #[case::long(|f: &mut Formulario| f.pedido = "x".repeat(2001), "pedido")]
    #[case::mail(|f: &mut Formulario| f.correo = "rosa".into(), "correo")]
    fn one_wrong_field_is_named(#[case] change: fn(&mut Formulario), #[case] campo: &str) {
        let mut form = lleno();
        change(&mut form);
        let faltas = form.leer().expect_err("wrong");
        assert_eq!(faltas.iter().map(|(campo, _)| *campo).collect::<Vec<_>>(), [campo]);
    }

    #[test]
    fn an_address_alone_is_enough() {
        let form = Formulario { correo: String::new(), domicilio: "Jr. Dos 2, Lima".into(), ..lleno() };
        assert_eq!(form.leer().expect("whole").hoja.consumidor.domicilio.as_deref(), Some("Jr. Dos 2, Lima"));
    }

    #[rstest]
    #[case("118", Some(11_800))]
    #[case("S/ 118.50", Some(11_850))]
    #[case("0", Some(0))]
    #[case("118.505", None)]
    #[case("1e3", None)]
    fn an_amount_as_people_write_it(#[case] text: &str, #[case] centimos: Option<i64>) {
        assert_eq!(monto(text), centimos.map(Soles));
    }
}
