package ctfidf

var stopWords = map[string]string{
	"english": english,
	"danish": `
ad af aldrig alle alligevel alt altid anden andet andre at av bare begge blandt blev blive bliver blevet burde bør da de
dem den denne der deres dermed derfor det dette dig din dine disse dit dog du efter eller en end endnu er et ethvert for
fordi fra før få får fik gennem gøre gør gjorde gjort ham han hans har have havde hen hende hendes her hos hun hvad hvem
hver hvert hvilken hvilket hvilke hvis hvor hvordan hvorfor hvornår i igen ikke ind inden ingen intet ja jeg jer jeres jo
kan kom komme kommer kun kunne lad man mange med meget mellem men mens mere mest mig min mine mindre mit mod må måske ned nej
nogen noget nogle nok nu når næsten og også om omkring op os over på sammen samme samt selv sig sin sine sit skal skulle som
stadig så sådan ti til tit ud uden under var ved vi vil ville vor vore vores være været`,
	"dutch": `
aan af al alle allen alleen alles als altijd andere ben bent bij binnen boven buiten daar daarna daarom dan dat de den der
deze die dit doch doen door dus een eens en enige enkele er erg even gaan geen geweest gedaan had hadden hare heb hebben hebt
heeft hem hen het hier hij hoe hun ik iemand iets in is ja je jou jouw jullie kan kon konden kunnen langs maar me mee meer
meest men met mij mijn misschien moest moet moeten mogen na naar naast nee niet niets nog nu of om omdat onder ons onze ook op
over per reeds samen sinds steeds te tegen ten ter terwijl toch toen tot totdat tussen uit uw van vaak vanaf veel voor vooral
want waar waarom wanneer waren was wat we weer wel welk welke werd werden wezen wie wij wil willen word worden wordt zal ze
zeer zei zelf zich zij zijn zo zoals zonder zou zouden zowel zulke`,
	"finnish": `
aina ainakin ei eikä eivät eli emme en enemmän ennen et että ette hän häneen hänellä hänelle häneltä hänen hänessä hänestä
hänet he heidän heidät heihin heille heillä heiltä heissä heistä hyvin itse ja jo johon joiden joihin joille joilla joissa joista
joka jokainen joko joku jolla jolle jonka jos joskus jossa josta jota jotka jotta juuri kaikki kaksi kanssa kautta keiden
keneen kenen kenet kenelle ketkä ketä kiinni koko kuin kuinka kuitenkin kuka kun kuten kyllä lähellä lisäksi lopuksi me
meidän meidät meihin meille meillä meissä meistä melko mihin mikä mikäli miksi millä minkä minua minun minut minulla minulle
minussa minusta minä missä mistä mitkä mitä mitään mukaan mutta muu muut myös ne niiden niihin niille niillä niin niissä
niistä noiden noin nuo nyt näiden näihin näissä näistä nämä olen olemme olet olette oli olin olisi olisivat olivat olla
ollut on ovat paitsi paljon pian puolesta se sekä sen seuraavaksi siellä sieltä sihen siihen siinä siitä sillä sille silloin
sinua sinulla sinulle sinun sinut sinä sitten sitä tai taas tämä tämän tässä tästä tätä te teidän teidät teille teillä
tuo tuon tuossa tuosta tähän vaan vai vaikka vain vielä voi voida voivat vähän yhteydessä yli ympäri`,
	"french": `
afin ai aie aient aies ainsi ait alors après as assez au aucun aucune aura aurai auraient aurais aurait auras aurez auriez
aurions aurons auront aussi autant autre autres aux auxquelles auxquels avaient avais avait avant avec avez aviez avions avoir
avons ayant ayez ayons beaucoup bien bon ça car ce ceci cela celle celles celui cependant certain certaine certaines certains
ces cet cette ceux chaque chez ci comme comment contre dans de dehors depuis dernier derrière des dès désormais desquels
deux devant devrait doit doivent donc dont du duquel durant elle elles en encore enfin entre envers es est et étaient étais
était étant été êtes étiez étions être eu eue eues eurent eus eut eux fait faites fois font fut fûmes furent fus hors ici
il ils jamais je jusqu jusque juste la là laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui ma mais
malgré me même mêmes mes mien mienne mieux moi moins mon ne ni non nos notamment notre nôtre nous on ont or ou où oui
par parce parfois parmi pas pendant personne peu peut peuvent peux plus plusieurs plutôt pour pourquoi pourrait pouvait près
presque pu puis puisqu puisque qu quand quant que quel quelle quelles quelqu quelque quelques quels qui quoi quoique sa sans
sauf se selon sera serai seraient serais serait seras serez seriez serions serons seront ses seulement si sien sienne sinon
soi soient sois soit sommes son sont souvent sous soyez soyons suis sur surtout ta tandis tant te tel telle tellement telles
tels tes toi ton toujours tous tout toute toutefois toutes très trop tu un une va vais vas vers voici voilà vont vos votre
vôtre vous vu`,
	"german": `
aber alle allem allen aller alles allerdings als also am an andere anderem anderen anderer anderes anders auch auf aus
außer außerdem bei beide beiden beim bereits besonders bevor bin bis bist bzw da dabei dadurch dafür dagegen daher damals
damit danach daneben dann daran darauf daraus darf darfst darin darüber darum darunter das dass daß davon davor dazu dein
deine deinem deinen deiner deines dem den denen denn dennoch der deren des deshalb dessen desto deswegen dich die dies diese
diesem diesen dieser dieses dir doch dort du durch dürfen durfte eben ebenso eher ein eine einem einen einer eines
einfach einige einigem einigen einiger einiges einmal er es etwa etwas euch euer eure eurem euren eurer eures falls fast für
ganz gar gegen gegenüber genau gern gewesen gibt ging habe haben habt hast hat hatte hatten hattest hattet hätte hätten her
hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem innerhalb ins irgend ist ja je jede
jedem jeden jeder jedes jedoch jemals jemand jene jenem jenen jener jenes jetzt kann kannst kaum kein keine keinem keinen
keiner keines könne können könnt konnte könnte konnten könnten lassen lediglich machen man manche manchem manchen mancher
manches manchmal mehr mein meine meinem meinen meiner meines meist mich mir mit möchte möchten mögen möglich müssen
musst musste müsste mussten muss muß nach nachdem nachher nämlich neben nein nicht nichts nie niemand noch nun nur ob oben
obwohl oder oft ohne per schon sehr sei seid sein seine seinem seinen seiner seines seit seitdem selber selbst sich sie siehe
sind so sobald sodass sofern sogar solange solch solche solchem solchen solcher solches soll sollen sollte sollten solltest
somit sondern sonst soweit sowie sowohl statt über überhaupt um und uns unser unsere unserem unseren unserer unseres unter
viel viele vielen vieler vieles vielleicht vom von vor vorher während wann war wäre waren wären warst warum was weder weil
weiter weitere weiteren weiterhin welche welchem welchen welcher welches wem wen wenig wenige weniger wenn wer werde werden
werdet weshalb wessen wie wieder will wir wird wirklich wirst wo wobei wodurch wofür woher wohin wohl wollen wollte wollten
womit woran worauf worden worin wurde würde wurden würden zu zudem zum zumindest zur zusammen zwar zwischen`,
	"italian": `
abbia abbiamo abbiano ad adesso agli ai al alcun alcuna alcune alcuni alla alle allo allora altra altre altri altro anche
ancora avendo avere aveva avevamo avevano avevo avete avrà avrebbe avuto ben bene benché che chi chiunque ci ciascun ciò cioè
circa co coi col come comunque con contro cosa così cui da dagli dai dal dall dalla dalle dallo davanti degli dei del dell
della delle dello dentro di dietro dopo dove dovrebbe due dunque durante ebbe ecco ed era erano eravamo essa esse essendo
essere essi ero fa fare fatto fin finché fino forse fosse fossero fra fu fui fuori furono gli già ha hai hanno ho il
in infatti inoltre insieme invece io la là le lei li lì lo loro lui lungo ma mai me meglio meno mentre mi mia mie miei mio
molta molte molti molto ne né neanche negli nei nel nell nella nelle nello nessun nessuna nessuno niente no noi non nostra
nostre nostri nostro nulla oggi ogni ognuno oltre oppure ora ovvero per perché perciò però persino più piuttosto po poca
poche pochi poco poi poiché prima proprio può può qua qual quale quali qualche qualcosa qualcuno qualunque quando quanta quante
quanti quanto quasi quel quell quella quelle quelli quello quest questa queste questi questo qui quindi sarà saranno sarebbe
sarei se sé sebbene sei sempre senza si sì sia siamo siano siate siete solo sono sopra soprattutto sotto spesso sta stai
stanno stare stata state stati stato stava su sua sue sugli sui sul sull sulla sulle sullo suo suoi tale tali tanta tante tanti
tanto te ti tra tranne troppo tu tua tue tuo tuoi tutta tuttavia tutte tutti tutto un una uno va vai verso vi via voi vostra
vostre vostri vostro`,
	"norwegian": `
alle alltid alt andre annen annet at av bare begge ble bli blir blitt bør både båe da de deg dei deim deira deires dem den
denne der dere deres derfor det dette di din dine disse ditt du dykk dykkar eg ein eit eitt eller elles en enn er et ett etter
for fordi fra før få fikk gjennom gjorde gjør gjøre ham han hans har hadde ha hans hennar henne hennes her hjå ho hoe honom
hoss hossen hun hva hvem hver hvert hvilke hvilken hvis hvor hvordan hvorfor i ikke ikkje ingen inkje inn innen inni ja jeg kan
kom komme kommer korleis korso kun kunne kva kvar kvarhelst kven kvi kvifor man mange me med medan meg meget mellom men mens
mer mest mi min mine mitt mot mykje må måtte ned nei no noe noen noka noko nokon nokor nokre når nå og også om opp oss over på
samme seg selv si sia sidan siden sin sine sitt sjøl skal skulle slik som somme somt så sånn til tilbake um under upp ut uten
var vart varte ved vel vere verte vi vil ville vore vors vort vår våre være vært å`,
	"polish": `
aby ach aj albo ale ależ ani aż bardziej bardzo bez bo bowiem by być był była było były będą będzie bym byś cała cały ci cię
ciebie co cokolwiek coś czasem czemu czy czyli daleko dla dlaczego dlatego do dobrze dokąd dość dużo dwa dziś dzisiaj gdy
gdyby gdyż gdzie gdzieś go ich ile im inna inne inny innych iż ja jak jakaś jakby jaki jakie jakiś jako jakoś je jeden jedna
jednak jedno jego jej jemu jest jestem jesteś jeszcze jeśli jeżeli już ją każda każde każdy kiedy kilka kimś kto ktokolwiek
ktoś która które którego której który których którym którzy ku lecz lub ma mają mam mamy mi mimo między mną mnie mogą moi
moim moja moje może możliwe można mój mu musi my na nad nam nami nas nasi nasz nasza nasze natomiast nawet nią nic nich nie
niech niego niej niemu nigdy nim nimi niż no o obok od ok około on ona one oni ono oraz oto owszem pan pani po pod podczas
pomimo ponad ponieważ powinien powinna powinno poza prawie przecież przed przede przez przy raz razie roku również są sam sama
się skąd sobie sobą sposób swoje swój ta tak taka taki takie także tam te tego tej temu ten teraz też to tobą tobie toteż
trzeba tu tutaj twoi twoim twoja twoje twój twym ty tych tylko tym tymi tys u w wam wami was wasz wasza wasze we według
wiele wielu więc więcej właśnie wszyscy wszystkich wszystkie wszystkim wszystko wtedy wy z za zapewne zawsze ze zł znowu znów
został została żaden żadna żadne żadnych że żeby`,
	"portuguese": `
acerca agora ainda algo alguém algum alguma algumas alguns ali além ante antes ao aos apenas apesar após aquela aquelas
aquele aqueles aquilo as às assim até atrás através bem bom cada cerca com como contra contudo cuja cujas cujo cujos da das de
debaixo dela delas dele deles demais dentro depois desde dessa dessas desse desses desta destas deste destes deve devem deveria
disso disto do dos durante ela elas ele eles em embora enquanto então entre era eram essa essas esse esses esta está
estamos estão estar estas estava estavam este estes esteve estive estiver estou eu faz fazer fez foi for foram fora fosse fossem
fui há havia isso isto já lá lhe lhes logo mais mas me mediante meio menos mesma mesmas mesmo mesmos meu meus minha minhas
muita muitas muito muitos na nada não nas nela nele nem nenhum nenhuma nessa nesse nesta neste ninguém no nos nós nossa nossas
nosso nossos num numa nunca onde ora os ou outra outras outro outros para pela pelas pelo pelos per perante pois por porém
porquê porque portanto pouca poucas pouco poucos pode podem poderia pôde própria próprio qual quais qualquer quando quanto
quantos quase que quê quem se sem sempre sendo ser será serão seria seriam seu seus si sido só sob sobre somente somos sou sua
suas são tal talvez também tampouco tanta tanto tão te tem têm temos tenha tenho ter terá teu teus teve tinha tinham tive
toda todas todavia todo todos tu tua tuas tudo última último um uma umas uns vai vão você vocês vos vós vossa vosso`,
	"russian": `
без более больше будет будто бы был была были было быть вам вами вас ваш ваша ваше ваши ведь весь вдруг вместо вне во вот
впрочем все всё всегда всего всей всем всеми всех вся вы где да даже два для до должен другая другие другой другое его
ее её ей ему если есть еще ещё же за зачем здесь из или им ими иногда их каждый как какая какие какой когда кого кому конечно
которая которого которое которой котором которому которую которые который которых кроме кто куда ли либо лишь лучше между меня
мне много может можно мой моя моё мои мы на над надо наконец нам нами нас наш наша наше наши не него нее неё ней нельзя нем
нём нет нибудь никогда ним ними них ничего но ну об однако он она они оно опять от очень перед по под после потом потому почему
почти при про просто раз разве сам сама сами само свой своя своё свои своего своей своих себе себя сейчас со совсем так такая
также такие такой такое там твой твоя твоё те тебе тебя тем теперь то тогда того тоже той только том тому тот три туда тут ты
уж уже хорошо хоть хотя чего чей чем через что чтоб чтобы чуть эта эти этим этих это этого этой этом этому этот эту`,
	"spanish": `
acá ahí ahora al algo algún alguna algunas alguno algunos allá allí además ambas ambos ante antes aquel aquél aquella
aquellas aquello aquellos aquí así aún aun aunque bajo bastante bien cada casi cerca cierta ciertas cierto ciertos como cómo con
conmigo consigo contigo contra cual cuál cuales cualquier cualquiera cuando cuándo cuanta cuánta cuanto cuánto cuya cuyas cuyo
cuyos de debe deben debería debido del demás demasiado dentro desde después detrás donde dónde dos durante el él ella ellas ello
ellos en encima entonces entre era eran eras eres es esa ésa esas ése ese eso esos ésos esta está ésta estaba estaban estado
estamos están estar estará estas éstas este éste estén esto estos éstos estoy estuvo fin fue fueron fuera fuese fui fuimos
gran ha haber había habían habido habrá habría hace hacer hacia hago han has hasta hay he hemos hubo igual incluso jamás
junto la las le les lo los luego mas más me mediante mejor menos mi mí mía mías mientras mío míos mis misma mismas mismo mismos
mucha muchas mucho muchos muy nada nadie ni ningún ninguna ninguno no nos nosotras nosotros nuestra nuestras nuestro nuestros
nunca os otra otras otro otros para pero poca pocas poco pocos podemos podría por porque porqué pude puede pueden puedo pues
que qué quien quién quienes quizá quizás se sé sea sean según ser será serán sería si sí sido siempre siendo sin sino sobre
sois sola solamente solo sólo somos son soy su sus suya suyas suyo suyos tal tales también tampoco tan tanta tantas tanto tantos
te tenemos tener tenga tengo tenía ti tiene tienen toda todas todavía todo todos tras tu tú tus tuya tuyo tuve tuvo un una unas
uno unos usted ustedes va vais vamos van varias varios vez vosotras vosotros voy vuestra vuestro ya yo`,
	"swedish": `
alla allt alltid alltså andra att av bara bli blir blev blivit borde bort bra båda bör da de dem den denna deras dess
dessa dessutom det detta dig din dina ditt dock du där därför då efter eftersom ej eller en enligt er era ert ett fast
fick finns fler flera flesta folk fram från för före förut få får genom ger gick ganska gör göra gjorde gjort ha hade
han hans har helst hellre hennes henne hit hon honom hos hur här i ibland icke igen igenom in inga ingen inget innan inne inom
inte istället ja jag ju kan kanske knappt kom komma kommer kring kunde kunna kunnat lite längre man med medan mellan men mer
mera mest mig min mina mindre mitt mot mycket måste många ned nej ner ni nog nu någon något några när nära nästan och
också om omkring oss per på redan rätt runt samma samt sedan sen senare sig sin sina sitt själv skall ska skulle slut som
snarare så sådan sådana sådant säga sätt tack tar till tills tillsammans trots under upp ur ut utan utanför utom vad var vara
varandra vare varför varit varje vars vart vem vems vi vid vidare vilka vilkas vilken vilket vill vore vår våra vårt väl
än ännu är även åt över`,
	"turkish": `
acaba ama ancak artık asla aslında ay az bana bazen bazı bazıları belki ben benden beni benim beri bile bir biraz birçoğu birçok
biri birisi birkaç birşey biz bizden bizi bizim böyle böylece bu buna bunda bundan bunlar bunları bunların bunu bunun burada bütün
çok çoğu çünkü da daha dahi de defa değil diğer diğeri diye dolayı edecek eden ederek edilen ediyor eğer en ettiği etti fakat
falan gene gibi göre halen hangi hangisi hatta hem henüz hep hepsi her herhangi herkes hiç hiçbir için içinde ile ilgili ise
işte itibaren kadar karşın kendi kendine kendisi kez ki kim kimden kime kimi kimin kimse mı mi mu mü nasıl ne neden nedenle nerde
nerede nereye neyse niçin niye o olan olarak oldu olduğu olduğunu olması olmadı olmak olsa olsun olup olur olursa oluyor
ona ondan onlar onlardan onları onların onu onun orada oysa öyle pek rağmen sadece sanki sen senden seni senin siz sizden sizi
sizin sonra şey şeyler şimdi şöyle şu şuna şunda şundan şunlar şunu tarafından tüm tümü üzere var vardı ve veya ya yani yapılan
yapan yaptı yaptığı yerine yine yok yoksa zaten`,
	"chinese": `
的 了 和 是 在 我 你 他 她 它 们 我们 你们 他们 她们 它们 这 那 这个 那个 这些 那些 这里 那里 这样 那样 有 没有 没 不 不是 也
都 就 就是 而 而且 与 及 以及 或 或者 但 但是 因为 所以 如果 虽然 然而 因此 于是 则 把 被 让 给 向 往 从 到 对 对于 关于 为
为了 为什么 什么 怎么 怎样 如何 哪 哪个 哪里 谁 几 多少 很 太 更 最 非常 还 还是 又 再 才 只 只是 已 已经 曾 正在 将 会 能 能够 可
可以 可能 应该 要 想 请 请问 吗 呢 吧 啊 呀 哦 嗯 着 过 地 得 之 其 其他 其中 此 该 某 每 各 自己 一个 一些 一样 一种 一下 个 种
上 下 中 里 内 外 前 后 时 时候 以 以后 以前 之后 之前 由 由于 用 使 使用 比 等 等等 像 跟 同 并 并且 且 无 非 若 既 即 却 仍 另 另外
這 這個 這些 這裡 這樣 個 們 我們 你們 他們 沒有 沒 與 對 對於 關於 為 為了 為什麼 什麼 怎麼 還 還是 會 應該 請 請問 嗎 後 時 時候 來
將 讓 給 從 過 著 並 並且 無 於 於是 則 雖然 因為 但 裡 內 幾 誰 卻 仍`,
	"japanese": `
の に は を た が で て と し れ さ ある いる も する から な こと として い や れる など なっ ない この ため その あっ よう
また もの という あり まで られ なる へ か だ これ によって により おり より による ず なり られる において ば なかっ なく しかし
について せ だっ その後 できる それ う ので なお のみ でき き つ における および いう さらに でも ら たり その他 に関する たち ます ん
なら に対して 特に せる 及び これら とき では にて ほか ながら うち そして とともに ただし かつて それぞれ または お ほど ものの
に対する ほとんど と共に といった です とも ところ ここ あ え く け こ す そ ち ぬ ね ひ ふ ほ ま み む め ゆ よ り る ろ わ ぁ ぃ ぅ ぇ ぉ
っ ゃ ゅ ょ げ ぐ ご ざ じ ぜ ぞ ぢ づ ど び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ ござい ください まし ませ でし そう どう なに 何 なぜ どの どこ いつ
だれ 私 僕 あなた 彼 彼女 それら あの あれ どれ もう まだ とても すべて`,
}
