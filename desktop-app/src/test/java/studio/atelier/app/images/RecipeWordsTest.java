package studio.atelier.app.images;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import studio.atelier.engine.image.PictureSize;
import studio.atelier.engine.image.Provenance;

final class RecipeWordsTest {
    @Test
    void saysObjectsWithTheirColoursAndTheText() {
        Recipe recipe = Recipe.usual()
                .withPrompt("a badge")
                .withObjects(List.of(new Recipe.Thing("star", 12), new Recipe.Thing("moon", 1)))
                .withColours(List.of(new Recipe.Colour(0xF2B441, "moon, stars"), new Recipe.Colour(0x22313F, "text")))
                .withText("NIGHT");
        assertEquals(
                "a badge, 12 #f2b441 star, 1 #f2b441 moon, #22313f text, with the word \"NIGHT\"",
                RecipeWords.of(recipe));
        assertEquals(13, recipe.objectCount());
    }

    @Test
    void speaksTheLanguageOfThePrompt() {
        Recipe recipe = Recipe.usual()
                .withPrompt("晚安")
                .withObjects(List.of(new Recipe.Thing("星星", 3)))
                .withColours(List.of(new Recipe.Colour(0xFF8800, "星星")))
                .withText("HI");
        assertEquals("晚安，3个#ff8800的星星，写着“HI”", RecipeWords.of(recipe));
    }

    @Test
    void fileSetsThePromptSeedAndFormAgain() {
        Provenance story = new Provenance(
                "make it red", "Janus", 77, 640, 360, 0, 5, "a.png", List.of("a star", "two stars"), "none", List.of());
        Recipe again = Orders.recipe(Recipe.usual().withText("OLD"), story);
        assertEquals("a star", again.prompt());
        assertEquals(Optional.of(77L), again.seed());
        assertEquals(new PictureSize(16, 9, true), again.size());
        assertTrue(again.text().isEmpty());
    }
}
