package language_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gobertopic/gobertopic/ctfidf"
	"github.com/gobertopic/gobertopic/ctfidf/language"
)

// sentences are two in each language, written for this test.
var sentences = map[string]string{
	"arabic":     "هذا الكتاب الذي قرأته في المكتبة جميل جدا. أين يمكن أن أجد كتبا مثله؟",
	"bulgarian":  "Къде мога да намеря тази книга? Търсих я във всички магазини, но никъде я нямаше.",
	"catalan":    "No sé on he deixat aquest llibre, però segur que és a casa nostra. Aquella taula encara és molt bruta.",
	"chinese":    "我不知道这本书在哪里，但是我很喜欢它。你能告诉我怎么买吗？",
	"czech":      "Nevím, kde je ta kniha, kterou jsem včera koupil, ale asi bude doma. Můžeš mi prosím říct, jestli tam je?",
	"danish":     "Jeg ved ikke, hvad der er blevet af bogen, men nogen har måske taget den. Hvornår kommer du hjem, og hvorfor har du ikke sagt noget til mig, efter at du gjorde det?",
	"dutch":      "Ik weet niet waar mijn boek is gebleven, maar het ligt waarschijnlijk thuis. Kun jij mij helpen om het te vinden?",
	"english":    "I do not know where my book is, but it should be at home. Could you help me to find it before the others come?",
	"finnish":    "En tiedä missä minun kirjani on, mutta se on varmaan kotona. Voitko sinä auttaa minua, kun he eivät ole täällä?",
	"french":     "Je ne sais pas où est mon livre, mais il doit être à la maison. Pourrais-tu m'aider à le trouver avec les autres ?",
	"german":     "Ich weiß nicht, wo mein Buch ist, aber es liegt wohl zu Hause. Könntest du mir helfen, es mit den anderen zu finden?",
	"greek":      "Δεν ξέρω πού είναι το βιβλίο μου, αλλά μάλλον είναι στο σπίτι.",
	"hebrew":     "אני לא יודע איפה הספר שלי, אבל הוא כנראה בבית.",
	"hindi":      "मुझे नहीं पता कि मेरी किताब कहाँ है, लेकिन वह घर पर होगी।",
	"hungarian":  "Nem tudom, hogy hol van a könyvem, de talán otthon lehet, mert ott volt tegnap is. Ki az, aki ezt nekem meg tudná mondani?",
	"indonesian": "Saya tidak tahu di mana buku itu, tetapi mungkin sudah ada di rumah. Apakah kamu bisa membantu saya untuk mencari buku yang lain?",
	"italian":    "Non so dove sia il mio libro, ma dovrebbe essere a casa. Potresti aiutarmi a trovarlo con gli altri che sono qui?",
	"japanese":   "私の本がどこにあるか分かりませんが、たぶん家にあると思います。",
	"korean":     "제 책이 어디에 있는지 모르겠지만 아마 집에 있을 거예요.",
	"norwegian":  "Hva ble sagt etter møtet? Noe har vært vanskelig, og hvordan vi skal bli enige, vet verken dere eller noen av dem; hvem kan være sikker uten meg og deg nå?",
	"persian":    "نمی\u200cدانم کتابم کجاست، اما شاید در خانه باشد. آیا می\u200cتوانی به من کمک کنی که پیدایش کنم؟",
	"polish":     "Nie wiem, gdzie jest moja książka, ale pewnie jest w domu. Czy możesz mi pomóc, żeby ją znaleźć, zanim oni przyjdą?",
	"portuguese": "Não sei onde está o meu livro, mas ele deve estar em casa. Você pode me ajudar a encontrar isso com os outros?",
	"romanian":   "Nu știu unde este cartea mea, dar cred că este acasă. Ai putea să mă ajuți, pentru că nu am timp și nu știu ce să fac?",
	"russian":    "Я не знаю, где моя книга, но она, наверное, дома. Вы можете мне помочь?",
	"spanish":    "No sé dónde está mi libro, pero debe de estar en casa. ¿Podrías ayudarme a encontrarlo con los otros que hay aquí?",
	"swedish":    "Jag vet inte var min bok är, men den ligger nog hemma. Kan du hjälpa mig att hitta den när de andra har gått?",
	"thai":       "ฉันไม่รู้ว่าหนังสือของฉันอยู่ที่ไหน แต่น่าจะอยู่ที่บ้าน",
	"turkish":    "Kitabımın nerede olduğunu bilmiyorum ama belki evde. Bana bunu bulmak için yardım eder misin, çünkü başka bir şey yok?",
	"ukrainian":  "Я не знаю, де моя книга, але вона, мабуть, удома. Чи можете ви мені допомогти її знайти?",
	"vietnamese": "Tôi không biết quyển sách của tôi ở đâu, nhưng có lẽ nó đang ở nhà. Bạn có thể giúp tôi tìm những cái khác được không?",
}

func TestOfExact(t *testing.T) {
	require.Len(t, sentences, len(language.Names()))
	for _, name := range language.Names() {
		require.Equal(t, name, language.Of(sentences[name]), sentences[name])
		if name == "thai" {
			continue // which has no list: its tokens are no words
		}
		list, err := ctfidf.StopWords(name)
		require.NoError(t, err)
		require.NotEmpty(t, list)
	}
	for _, text := range []string{
		"", "func main() { return }", "Kubernetes 1.29", "abc",
		strings.Repeat("word ", 1000), "dog dog dog", "a cat and a dog and a dog", // stop words of Dutch and Danish
	} {
		require.Empty(t, language.Of(text), text)
	}
}

// A corpus has the languages of its texts; those that are too short to tell are taken together.
func TestDetectExact(t *testing.T) {
	var texts []string
	for i := range 100 {
		switch {
		case i < 60:
			texts = append(texts, sentences["german"])
		case i < 95:
			texts = append(texts, sentences["english"])
		default:
			texts = append(texts, sentences["polish"])
		}
	}
	texts = append(texts, "x", "y 1", "")
	require.Equal(t, []language.Share{{"german", .6}, {"english", .35}}, language.Detect(texts))
	require.Equal(t, []language.Share{{"german", 1}}, language.Detect(strings.Fields(strings.Repeat(sentences["german"]+" ", 10))))
	require.Nil(t, language.Detect(nil))
	require.Nil(t, language.Detect([]string{"x", "y"}))
	var numbered []string
	for i := range 40 {
		numbered = append(numbered, fmt.Sprintf("Question %d: cat dog, for %d", i, i))
	}
	require.Nil(t, language.Detect(numbered), "two stop words of Danish, repeated, are no evidence")
	large := slices.Repeat(texts, 200)
	require.Equal(t, "german", language.Detect(large)[0].Language)
}

func ExampleDetect() {
	fmt.Println(language.Detect([]string{"Wo ist mein Buch, das ich gestern gelesen habe?", "Es liegt doch auf dem Tisch, wie immer."}))
	// Output: [{german 1}]
}
