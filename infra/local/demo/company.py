"""The demo company's people, customers and articles."""

from dataclasses import dataclass
from typing import Final

COMPANY_NAME: Final = "Padaria do Chefe"
CHANNEL_PHONE: Final = "+551140028922"


@dataclass(frozen=True)
class Person:
    name: str
    phone: str
    role: str
    position: str
    employed_days: int
    email: str | None = None


@dataclass(frozen=True)
class Customer:
    """`verified_days` and `wrote_days` are days ago, chosen so that no segment of a campaign is empty."""

    name: str
    phone: str
    verified_days: int
    wrote_days: int


OWNER: Final = Person("Carlos Andrade", "+5511987654321", "admin", "Proprietário", 2900, "carlos@padariadochefe.com.br")
STAFF: Final = (
    Person("Maria Oliveira", "+5511976543210", "user", "Atendente", 820),
    Person("João Santos", "+5511965432109", "user", "Padeiro", 1460),
)
UNLINKED_EMPLOYEES: Final = (
    Person("Ana Beatriz Lima", "", "", "Confeiteira", 400),
    Person("Pedro Nascimento", "", "", "Auxiliar de padaria", 95),
)
CUSTOMERS: Final = (
    Customer("Luciana Prado", "+5511951112233", 200, 2),
    Customer("Roberto Dias", "+5511952223344", 310, 9),
    Customer("Condomínio Jatobá", "+5511953334455", 150, 21),
    Customer("Escola Girassol", "+5511954445566", 90, 41),
    Customer("Fernanda Rocha", "+5511955556677", 240, 75),
    Customer("Café do Largo", "+5511956667788", 400, 130),
    Customer("Tiago Moreira", "+5511957778899", 12, 5),
    Customer("Padoca Viagens", "+5511958889900", 20, 18),
)
ARTICLES: Final[dict[str, str]] = {
    "Qual é o horário de funcionamento? Que horas abre e fecha? Abre no domingo?": (
        "Abrimos de segunda a sábado, das 6h às 20h. Aos domingos e feriados, das 7h às 13h."
    ),
    "Onde fica a padaria? Qual é o endereço?": (
        "Ficamos na Rua das Acácias, 120, Vila Mariana, São Paulo, a duas quadras do metrô."
    ),
    "Quais são as formas de pagamento? Aceita Pix e cartão?": (
        "Aceitamos Pix, dinheiro, cartão de débito e de crédito, vale-alimentação e vale-refeição."
    ),
    "Vocês fazem entrega? Qual é a taxa?": (
        "Entregamos em até 3 km da padaria, das 7h às 19h. A taxa é de R$ 6,00; acima de R$ 80,00, é grátis."
    ),
    "Como encomendar bolos, tortas e salgados para festa?": (
        "Encomendas com 48 horas de antecedência, por aqui mesmo. Pedimos um sinal de 50% no Pix."
    ),
    "Tem pão sem glúten, sem lactose ou integral?": (
        "Temos pão integral todos os dias e pão sem lactose às terças e sextas. Não fazemos produtos sem glúten."
    ),
    "Tem estacionamento?": "Sim: quatro vagas em frente à padaria, gratuitas por 30 minutos.",
    "Como trocar um produto ou fazer uma reclamação?": (
        "Conte por aqui o que houve, com o número do pedido ou a nota. Trocamos no mesmo dia ou devolvemos o valor."
    ),
    "Vocês contratam? Como enviar currículo? Tem vaga de emprego?": (
        "Recebemos currículos no balcão ou pelo e-mail vagas@padariadochefe.com.br."
    ),
}
