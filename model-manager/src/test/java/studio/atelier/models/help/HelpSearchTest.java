package studio.atelier.models.help;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import studio.atelier.models.help.HelpHit.Confidence;

/** The pages that ship, and whether questions in other words than theirs find them. */
final class HelpSearchTest {
    private static HelpSearch search;

    @BeforeAll
    static void open() throws IOException {
        search = HelpSearch.open();
    }

    @Test
    void bothLanguagesHaveTheSameSections() {
        List<String> english = ids(HelpLanguage.ENGLISH);
        assertEquals(english, ids(HelpLanguage.CHINESE));
        assertTrue(english.size() >= 100, "sections: " + english.size());
        assertEquals(english.size(), new HashSet<>(english).size());
    }

    @Test
    void noWordingBelongsToTwoSections() {
        for (HelpLanguage language : HelpLanguage.values()) {
            Map<String, String> owner = new HashMap<>();
            List<String> twice = new ArrayList<>();
            for (HelpSection section : search.sections(language)) {
                assertTrue(
                        section.wordings().size() >= 10,
                        section.id() + ": " + section.wordings().size());
                for (String wording : Set.copyOf(section.wordings())) {
                    String other = owner.put(wording, section.id());
                    if (other != null) {
                        twice.add(wording + " (" + other + ", " + section.id() + ")");
                    }
                }
            }
            assertTrue(twice.size() <= 30, language + ": " + twice);
        }
    }

    @Test
    void wordingsFindTheirOwnSection() {
        for (HelpLanguage language : HelpLanguage.values()) {
            int found = 0;
            int asked = 0;
            for (HelpSection section : search.sections(language)) {
                String wording = section.wordings().getFirst();
                found += isNamed(section.id(), search.find(wording)) ? 1 : 0;
                asked++;
            }
            assertTrue(found >= asked * 0.97, language + ": " + found + " of " + asked);
        }
    }

    @Test
    void findsQuestionsInOtherWords() {
        assertFound("Please tell me how I could enlarge the letters, they are tiny", "text-size");
        assertFound("can I get the window black somehow?", "dark");
        assertFound("how do I downlod a modell", "download");
        assertFound("which model should a laptop with 16 gigs run?", "mem-16");
        assertFound("字太小了，怎么调大一点？", "text-size");
        assertFound("16个G内存的笔记本该跑哪个模型", "mem-16");
        assertFound("聊天内容会被上传到网上吗", "privacy");
    }

    @Test
    void staysSilentOnOtherMatters() {
        assertEquals(Optional.empty(), search.find("Which team won the ice hockey final in Prague?"));
        assertEquals(Optional.empty(), search.find("怎么给鹦鹉剪指甲？"));
        assertEquals(Optional.empty(), search.find(""));
        assertEquals(Optional.empty(), search.find("\uD83D\uDE00 \uD83D"));
    }

    @Test
    void answersInTheLanguageOfTheQuestion() {
        assertEquals(HelpLanguage.CHINESE, HelpLanguage.of("MoE 是什么意思"));
        assertEquals(HelpLanguage.ENGLISH, HelpLanguage.of("what does 量化 mean in this program"));
        assertEquals(
                HelpLanguage.CHINESE,
                search.find("什么是 KV 缓存").orElseThrow().section().language());
    }

    @Test
    void oneSectionIsInstructedWhenSureAndTwoWhenNot() {
        HelpSection free = section("free");
        HelpSection licence = section("licence");
        HelpHit sure = new HelpHit(free, List.of(), 0.9, Confidence.SURE);
        assertEquals("Answer from this help page:\n# " + free.title() + "\n" + free.text(), sure.instruction());
        HelpHit unsure = new HelpHit(free, List.of(licence), 0.5, Confidence.UNSURE);
        assertEquals(
                "One of these help pages may be meant:\n- **" + free.title() + "** " + free.text() + "\n- **"
                        + licence.title() + "** " + licence.text(),
                unsure.instruction());
    }

    @Test
    void slipsOfThePenAreOneLetterAway() {
        assertTrue(HelpIndex.isOneLetterAway("downlod", "download"));
        assertTrue(HelpIndex.isOneLetterAway("quantzie", "quantize"));
        assertFalse(HelpIndex.isOneLetterAway("quant", "quantize"));
        assertFalse(HelpIndex.isOneLetterAway("model", "model"));
    }

    @Test
    void endingsAreEvenedOut() {
        assertEquals("load", HelpTerms.stem("loading"));
        assertEquals("load", HelpTerms.stem("loaded"));
        assertEquals("stop", HelpTerms.stem("stopped"));
        assertEquals("memory", HelpTerms.stem("memories"));
        assertEquals("this", HelpTerms.stem("this"));
    }

    private static void assertFound(String question, String id) {
        Optional<HelpHit> hit = search.find(question);
        assertTrue(
                isNamed(id, hit),
                question + " -> " + hit.map(found -> found.section().id()));
    }

    private static boolean isNamed(String id, Optional<HelpHit> hit) {
        return hit.filter(found -> found.section().id().equals(id)
                        || found.alternatives().stream()
                                .anyMatch(other -> other.id().equals(id)))
                .isPresent();
    }

    private static HelpSection section(String id) {
        return search.sections(HelpLanguage.ENGLISH).stream()
                .filter(section -> section.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> ids(HelpLanguage language) {
        return search.sections(language).stream().map(HelpSection::id).toList();
    }
}
