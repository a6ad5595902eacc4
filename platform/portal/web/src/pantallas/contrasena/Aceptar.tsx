import { api } from '@/api/cliente';
import { Elegir } from './Elegir';

export default function Aceptar() {
  return <Elegir cual="aceptar" enviar={(body) => api.POST('/api/v1/cuenta/aceptar', { body })} />;
}
