package studio.atelier.models.help;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.models.store.StarterModel;

/** The starter model that ships, asked through the real search and engine. */
final class StarterChatTest {
    private static StarterChat chat;

    @BeforeAll
    static void open(@TempDir Path dataFolder) throws IOException, EngineException {
        chat = StarterChat.open(StarterModel.layOut(dataFolder).orElseThrow());
    }

    @AfterAll
    static void close() {
        chat.close();
    }

    @Test
    void answersFromTheHelpPageInBothLanguages() throws EngineException {
        for (String question : new String[] {"How do I make the text larger?", "8GB 内存可以跑什么模型？"}) {
            HelpHit hit = chat.find(question).orElseThrow();
            assertEquals(HelpHit.Confidence.SURE, hit.confidence());
            assertEquals(hit.section().text(), chat.answer(question));
        }
    }

    /** A section that is written anew may hold what the model, trained before, can't copy. */
    @Test
    void saysEverySectionAsItStands() throws Exception {
        HelpSearch search = HelpSearch.open();
        List<String> garbled = new ArrayList<>();
        int asked = 0;
        for (HelpLanguage language : HelpLanguage.values()) {
            for (HelpSection section : search.sections(language)) {
                String question = section.wordings().getFirst();
                boolean found = search.find(question)
                        .filter(hit -> hit.section().id().equals(section.id()))
                        .isPresent();
                asked += found ? 1 : 0;
                if (found && !chat.answer(question).contains(section.text())) {
                    garbled.add(language + " " + section.id());
                }
            }
        }
        assertTrue(asked > 290, "found by their first wording: " + asked);
        assertEquals(List.of(), garbled);
    }

    @Test
    void readsThePageRatherThanItsMemory() throws EngineException {
        String page = "Answer from this help page:\n# Larger or smaller text\n"
                + "Press **Ctrl+J** for larger text; the limit is 73 pixels.";
        String answer = chat.answer("How do I make the text larger?", Optional.of(page));
        assertTrue(answer.contains("Ctrl+J") && answer.contains("73"), answer);
    }

    @Test
    void namesTwoPagesWhenTheSearchIsUnsure() throws EngineException {
        HelpHit sure = chat.find("How do I make the text larger?").orElseThrow();
        HelpHit other = chat.find("How do I switch to dark mode?").orElseThrow();
        HelpHit unsure = new HelpHit(sure.section(), List.of(other.section()), 0.5, HelpHit.Confidence.UNSURE);
        String answer = chat.answer("the look of the letters", Optional.of(unsure.instruction()));
        assertTrue(answer.startsWith("I am not sure what you mean."), answer);
        assertTrue(
                answer.contains(sure.section().text())
                        && answer.contains(other.section().text()),
                answer);
    }

    @Test
    void saysHonestlyThatItDoesNotKnow() throws EngineException {
        assertTrue(chat.answer("Who wrote the opera Aida?").startsWith("I found nothing about this"));
        assertTrue(chat.answer("歌剧阿依达是谁写的？").startsWith("我在 Atelier 的帮助页里没有找到"));
    }
}
