//! Which entries of a timeline somebody wants to see.
use super::HechoTipo;
use kernel::Problem;
use pacientes::Parte;

/// What is left out is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filtro {
    pub paciente: Option<Parte>,
    pub citas: bool,
    pub antecedentes: bool,
    pub clinicos: Vec<HechoTipo>,
}

impl Filtro {
    pub const TODO: &'static str = "ficha, peso, cita, antecedente, vacuna, desparasitacion, problema, alergia, tratamiento";

    /// From `vacuna,peso`; all without one.
    pub fn read(tipos: Option<&str>) -> Result<Self, Problem> {
        let Some(tipos) = tipos else {
            return Ok(Self { paciente: Some(Parte::Todo), citas: true, antecedentes: true, clinicos: HechoTipo::TODOS.to_vec() });
        };
        let mut filtro = Self { paciente: None, citas: false, antecedentes: false, clinicos: Vec::new() };
        for tipo in tipos.split(',').map(str::trim) {
            match tipo {
                "ficha" => filtro.with(Parte::Ficha),
                "peso" => filtro.with(Parte::Pesos),
                "cita" => filtro.citas = true,
                "antecedente" => filtro.antecedentes = true,
                "vacuna" => filtro.clinicos.push(HechoTipo::Vacuna),
                "desparasitacion" => filtro.clinicos.push(HechoTipo::Desparasitacion),
                "problema" => filtro.clinicos.push(HechoTipo::Problema),
                "alergia" => filtro.clinicos.push(HechoTipo::Alergia),
                "tratamiento" => filtro.clinicos.push(HechoTipo::Tratamiento),
                _ => return Err(Problem::field("?tipos", format!("debe ser una lista, separada por comas, de: {}", Self::TODO))),
            }
        }
        Ok(filtro)
    }

    fn with(&mut self, parte: Parte) {
        self.paciente = Some(if self.paciente.is_some_and(|known| known != parte) { Parte::Todo } else { parte });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(Some("peso, vacuna"), Some((Some(Parte::Pesos), false, 1)))]
    #[case(Some("peso,ficha,cita"), Some((Some(Parte::Todo), true, 0)))]
    #[case(None, Some((Some(Parte::Todo), true, 5)))]
    #[case(Some("alergia,"), None)]
    #[case(Some("foto"), None)]
    fn kinds_are_named_or_all(#[case] tipos: Option<&str>, #[case] expected: Option<(Option<Parte>, bool, usize)>) {
        let read = Filtro::read(tipos).ok().map(|filtro| (filtro.paciente, filtro.citas, filtro.clinicos.len()));
        assert_eq!(read, expected);
    }
}
