package ctfidf

// moreStopWords holds the lists of further languages, with the words as the default tokens have them.
// A ~ stands for a zero-width non-joiner, which stopWordList puts in.
var moreStopWords = map[string]string{
	"arabic": `
من في على إلى الى عن مع بين عند منذ حتى خلال بعد قبل فوق تحت أمام وراء حول دون بدون ضد لدى هو هي هم هن هما أنا انا نحن أنت انت أنتم
هذا هذه ذلك تلك هؤلاء أولئك الذي التي الذين اللذان اللواتي ما ماذا متى أين اين كيف لماذا كم أي اي هل لا لم لن ليس ليست ليسوا غير سوى
كان كانت كانوا يكون تكون كنت كنا أن ان إن أنه انه أنها انها إنه كما لكن لكنه ولكن أو او أم ثم قد لقد سوف كل كلا بعض جميع أيضا ايضا فقط
جدا هناك هنا إذا اذا إذ حيث بل لأن لان لو لولا مثل نحو عليه عليها فيه فيها منه منها به بها له لها لهم إليه إليها عنه عنها وهو وهي وفي ومن
وعلى وقد ولا وما وأن وإن والتي والذي فإن فقد بأن بما مما عما لما كذلك وكان وكانت يا نعم أحد احد شيء تم يتم حين عندما بينما أكثر اكثر أقل`,
	"bulgarian": `
аз ти той тя то ние вие те мен мене теб тебе него нея нас вас тях ме те го ги му му им ни ви си се мой моя мое мои твой твоя негов неговата
наш наша ваш техен този тази това тези онзи онази онова онези такъв такава такова такива кой коя кое кои какъв каква какво какви чий който
която което които къде кога как защо колко и а но или че да не ни нито ако докато когато където защото понеже обаче все пак на за от до с
със в във по при над под пред през след преди между без към около според чрез съм си е сме сте са бях беше бяха бил била било били бъда
бъде ще щях няма нямаше има имаше имам може могат трябва също само още вече много малко повече най тук там сега тогава така ли
дали нека всеки всяка всяко всички нищо никой нещо някой някои друг друга други един една едно едни`,
	"catalan": `
el la els les un una uns unes de del dels al als en amb per per a cap contra des entre fins segons sense sobre sota jo tu ell ella nosaltres
vosaltres ells elles em et es ens us li hi ho meu meva meus meves teu teva seu seva seus seves nostre nostra vostre vostra aquest aquesta
aquests aquestes aquell aquella aquells aquelles això allò que què qui quin quina quins quines quan on com quant perquè i o ni però sinó doncs
si no també tampoc només molt molta molts moltes poc poca més menys tan tot tota tots totes cada altre altra altres mateix mateixa algun alguna
alguns algunes cap res ningú ja encara ara després abans sempre mai aquí allà així és ser són era eren sóc som va van vaig ha han he hem havia
haver estar està estan estava té tenen tinc tenir fer fa fan pot poden sigui`,
	"czech": `
já ty on ona ono my vy oni ony mě mne tě tebe ho jeho jí ji nás vás je jich jim jimi mu mi ti se si svůj svá své svých můj má mé moje tvůj tvá
tvoje jeho její náš naše váš vaše jejich ten ta to ti ty tento tato toto tito tyto tohle toho tomu tom tím těch těm tamten onen takový taková
takové kdo co který která které kteří jaký jaká jaké čí kde kdy jak proč kolik kam odkud a i ale nebo ani že aby když protože pokud jestli zda
než ať však tedy tak také taky jen jenom pouze už již ještě vždy nikdy někdy velmi více méně hodně málo tady tam teď pak potom zde v ve na do z
ze s se k ke o od po pro při pod nad před přes za mezi bez kvůli podle u jsem jsi je jsme jste jsou byl byla bylo byli byly být budu budeš bude
budeme budete budou bych bys by bychom byste není nejsou nebyl mám máš má máme máte mají měl mít může můžu mohu musí ne ano něco nic někdo nikdo
každý všechno všichni všech jiný jiná další jeden jedna jedno sám`,
	"greek": `
ο η το οι τα του της των τον την τους τις ένας μια μία ένα ενός μιας εγώ εσύ αυτός αυτή αυτό εμείς εσείς αυτοί αυτές αυτά με σε μας σας μου σου
τον δικός δική εκείνος εκείνη εκείνο τούτος τέτοιος που ποιος ποια ποιο ποιοι τι πότε πώς πως γιατί πόσο όπου όταν όπως όσο όσα όποιος και κι
αλλά ή είτε ούτε μήτε αν εάν ότι να θα για από προς κατά μετά πριν μέχρι χωρίς μεταξύ πάνω κάτω μέσα έξω στο στη στην στον στα στις στους δεν
δε μη μην όχι ναι είναι είμαι είσαι είμαστε είστε ήταν ήμουν έχω έχει έχουν έχουμε είχε είχαν πρέπει μπορεί μπορώ κάθε κάποιος κάποια κάποιο
κάτι τίποτα κανείς κανένας όλος όλη όλο όλοι όλες όλα άλλος άλλη άλλο άλλοι πολύ πολλά πολλοί λίγο πιο πολύς τόσο μόνο επίσης ακόμα ακόμη ήδη
τώρα τότε εδώ εκεί έτσι επειδή διότι όμως ωστόσο λοιπόν ως σαν αφού ενώ`,
	"hebrew": `
של על את אל עם בין כי גם אם או אבל אך לא כן יש אין היה היתה הייתה היו יהיה תהיה להיות הוא היא הם הן אני אתה אנחנו אתם אותו אותה אותם אותי שלי
שלך שלו שלה שלנו שלכם שלהם זה זאת זו אלה אלו ההוא כל כמו רק עוד כבר מאוד יותר פחות הרבה מעט כמה מה מי איפה מתי איך למה מדוע האם אשר כאשר כש
לפני אחרי תחת מעל ליד אצל בלי ללא נגד עד מן מ ב ל ה ו ש כ לי לך לו לה לנו לכם להם בו בה בהם ממנו ממנה מהם אליו אליה עליו עליה כאן שם פה עכשיו
אז כך ככה לכן בגלל משום למרות אולי אחד אחת אחר אחרת אחרים עצמו עצמה יכול יכולה צריך צריכה ניתן הזה הזאת האלה היום אמנם אפילו ביותר בכל בכלל בעוד בשביל בתוך דרך הרי ואם והוא והיא וגם ואת ולא וכן וזה חוץ טרם יחד כבר כלומר לאחר לגבי לידי לפי לפיכך מאז מאחר מול מכל מצד סביב עדיין עוד על עם פעם רבים שאין שאם שהוא שהיא שהם שכן שום שהיה תוך תמיד כדי אצלי אלא`,
	"hindi": `
का की के को में से पर ने तक और या लेकिन मगर परंतु किन्तु तथा एवं कि जो वह यह ये वे इस उस इन उन इसे उसे इन्हें उन्हें इसका उसका इसके उसके इसकी उसकी
मैं हम तू तुम आप मुझे हमें तुम्हें आपको मेरा मेरी मेरे हमारा हमारी हमारे तुम्हारा आपका आपकी आपके अपना अपनी अपने है हैं था थी थे हो हूँ हूं होता होती
होते होना हुआ हुई हुए रहा रही रहे गया गई गए जाता जाती जाते कर करता करती करते करना करने किया किए की दिया सकता सकती सकते चाहिए नहीं न मत ना क्या
कौन कब कहाँ कहां कैसे क्यों कितना कितने कोई कुछ सब सभी हर भी ही तो जब तब जहाँ वहाँ यहाँ अब फिर बहुत अधिक कम साथ बाद पहले लिए द्वारा ऊपर नीचे
अगर यदि क्योंकि इसलिए जैसे ऐसे वाला वाली वाले एक दो बारे रूप ओर जा ले दे लिये वही यही`,
	"hungarian": `
a az egy és vagy de hogy ha mert mint is nem ne sem csak már még meg el fel le ki be én te ő mi ti ők engem téged őt minket titeket őket nekem
neked neki nekünk nektek nekik ez az ezek azok ezt azt ezeket azokat ennek annak ebben abban erre arra ilyen olyan ki mi ami aki amely amelyek
akik melyik milyen hol mikor hogyan miért mennyi hány hova honnan ahol amikor ahogy amint akkor most itt ott így úgy igen minden mindenki valami
valaki semmi senki sok kevés több kevesebb nagyon túl után előtt alatt felett között mellett miatt szerint nélkül ellen át felé vagyok vagy van
vagyunk vagytok vannak volt voltak voltam lesz lesznek lenne legyen lehet kell kellett volna pedig azonban tehát illetve valamint ezért azért
saját más másik egyik első bár hiszen majd éppen újra össze vissza arra ahhoz annál aztán be belül bennünket csupán egyéb egyes egyetlen ehhez elég ellenére emellett ennél ezzel azzal erről arról ettől attól fog fogja hanem hát helyett inkább itteni jó kívül között közben legalább legfeljebb maga maguk mely mellé mindig mintha mivel néha néhány nincs nincsenek olyanok például rá rajta róla soha szinte talán tehát továbbá ugyan ugyanis utána vele velük viszont`,
	"indonesian": `
yang dan di ke dari untuk pada dengan adalah ini itu tidak bukan atau tetapi tapi namun juga akan telah sudah sedang masih belum dapat bisa harus
oleh karena jika kalau bila maka agar supaya sehingga seperti sebagai dalam antara tentang terhadap kepada bagi atas bawah saya aku kamu anda dia
ia kami kita mereka nya saja hanya lebih paling sangat sekali banyak sedikit semua setiap para sebuah seorang suatu ada apa siapa kapan mana
dimana bagaimana mengapa kenapa berapa sini sana situ begitu begini tersebut hal saat ketika waktu setelah sebelum sejak hingga sampai lagi pun
lah kah jadi menjadi merupakan yaitu yakni serta lain sama sendiri tanpa melalui secara pernah selalu boleh ingin mau jangan ya tak adapun akhirnya antar apabila apakah awal baik baru beberapa belakang benar berbagai besar biasanya buat bukankah cukup demi demikian depan guna hampir hendak hingga ialah jarang jauh justru kembali kemudian ketimbang kini lalu luar maupun melainkan memang mulai nah nanti oleh padahal pasti pihak sebab sebagian sebaliknya sebelumnya sebut sedangkan sekarang sekitar selain selama seluruh semakin sementara seolah sering serta sesuatu seterusnya setidaknya siapapun sungguh tadi terlalu tiap tiba tetap walaupun meskipun`,
	"korean": `
이 그 저 것 수 등 및 또는 그리고 그러나 하지만 그런데 그래서 따라서 또한 즉 만약 비록 나는 나를 나의 내가 너는 네가 우리 우리는 우리가 우리의 저는 제가 저희 그는
그가 그녀 그녀는 그들 그들은 당신 이것 이것은 이것이 그것 그것은 그것이 저것 여기 거기 저기 누구 누가 무엇 무엇을 무슨 어떤 어느 언제 어디 어디서 어떻게 왜 얼마나
있는 있다 있습니다 있어요 있고 있을 없는 없다 없습니다 없이 하는 하다 합니다 해요 하고 한다 했다 했습니다 하면 하여 해서 할 한 된 되는 된다 됩니다 되어 되었다 같은
같이 같다 대한 대해 대하여 위한 위해 위하여 통해 통한 의해 따라 관한 매우 아주 너무 더 덜 가장 많은 많이 모든 모두 각 다른 이런 그런 저런 이렇게 그렇게 다시
아직 이미 지금 오늘 항상 때 때문에 때문 경우 후 전 중 안 못 잘 좀 입니다 이다 이고 아니다 아닌 아니라 있었다 부터 까지 에서 에게 으로 로`,
	"persian": `
و در به از که این آن را با برای تا بر است بود شد شده می نمی هم یا اما ولی اگر چون زیرا پس نیز هر همه هیچ یک دو چند چه کی چرا چگونه کجا کدام
من تو او ما شما آنها آن~ها ایشان خود خودم خودش مرا ترا وی اینها این~ها همین همان چنین چنان هستم هستی هست هستیم هستید هستند نیست نیستند بودم
بودند باشد باشند باید شاید خواهد خواهند کرد کرده کند کنند کنیم کنم شود شوند می~شود می~شوند می~کند می~کنند می~کنم دارد دارند دارم داشت داشته
بسیار خیلی بیشتر کمتر بین پیش پس بعد قبل زیر روی بالا پایین بدون درباره مورد طور نه آری بله اینجا آنجا اکنون الان وقتی هنگام دیگر دیگری
بعضی برخی تمام های ها ای تر ترین رو اش ام ات شان مان هنوز حتی فقط تنها مانند مثل آنچه آنکه اینکه باز بسا بلکه بنابراین به~ویژه پشت جز جلو چنانچه چیزی حال خواهم خواهیم داده داشتند داشتیم دهد دهند دنبال را روز زیاد سال سپس سوی شان طی طبق علیه غیر کدامیک کسی کسانی کلی گاه گاهی گفت گفته گوید لذا مگر میان ناگهان نباید نخواهد نداشت نداشته ندارد ندارند نکرد نکرده هرگز هرچه همچنین همچنان همواره همینطور یافت یافته یعنی`,
	"romanian": `
un o unei unui al ai ale cel cea cei cele lui ei lor de la în din pe cu pentru prin despre spre până după înainte între sub peste fără contra
lângă eu tu el ea noi voi ei ele mă te îl îi îmi îți își ne vă le se mi ți meu mea mei mele tău ta tăi tale său sa săi sale nostru noastră vostru
acest această acești aceste acel acea acei acele acesta aceasta acestea asta ăsta așa astfel care ce cine cui când unde cum cât câți câte și sau
ori dar iar însă ci că să dacă deși deoarece pentru că fiindcă decât nici nu da mai foarte prea tot toate toți toată orice fiecare alt altă alți
alte nimic nimeni ceva cineva unii unele mult multă mulți multe puțin doar numai chiar încă deja acum atunci aici acolo sunt ești este suntem
sunteți era erau eram fost fi fie va vor voi aș ar am ai are avem aveți au avea poate pot trebuie`,
	"ukrainian": `
я ти він вона воно ми ви вони мене тебе його її нас вас їх мені тобі йому їй нам вам їм мною тобою ним нею нами вами ними себе собі собою мій
моя моє мої твій твоя твоє наш наша наше наші ваш ваша свій своя своє свої їхній цей ця це ці цього цьому цим цих той та те ті того тому тим тих
такий така таке такі хто що який яка яке які чий котрий де куди звідки коли як чому навіщо скільки і й та а але або чи ні не ж же б би хоч якщо
щоб бо тому що оскільки проте однак також теж тільки лише навіть уже вже ще дуже більше менше багато мало найбільш так тут там тепер зараз потім
тоді завжди ніколи в у на до з із зі за від по при над під перед після через між без для про о об крім біля є був була було були бути буде будуть
буду може можуть можна треба потрібно має мають немає нема все всі весь вся кожен кожний інший інша інше інші один одна одне сам сама самі ось
нічого ніхто щось хтось деякі`,
	"vietnamese": `
và là của có cho trong được với các những một này đó không đã sẽ đang rất cũng như từ đến tại về theo trên dưới vào ra lên xuống khi nếu thì mà
nhưng hoặc hay vì nên để do bởi bằng tôi bạn anh chị em ông bà nó họ chúng ta mình ai gì nào đâu sao bao giờ nhiêu thế vậy đây kia ấy nay mỗi
mọi tất cả nhiều ít hơn nhất lại còn chỉ vẫn đều chưa chẳng phải cần thể hãy đừng sau trước giữa ngoài cùng bị người việc sự cái con chiếc rồi
nữa quá lắm ngay vừa mới từng cứ luôn tuy dù song tức ai ấy bên bất cả càng chính chung chưa cho chỗ chứ cô cậu dạng dần dẫn dưới dường đang đều đi điều đó đối được đúng gần giống giữ hầu hết hiện hoàn khác khá không kể khiến làm lần liên loại lúc mà mãi nên nên nếu nghĩa nhằm nhờ như những nói phía qua ra rằng riêng rõ sang sắp số tại tận tất thật theo thêm thì thuộc tiếp toàn tới trên trong trở từ vài vẻ với xong xuống ý đầy đấy dù`,
}
