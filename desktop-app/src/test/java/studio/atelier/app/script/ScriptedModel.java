package studio.atelier.app.script;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import studio.atelier.app.running.Dialogue;
import studio.atelier.app.running.ModelOpener;
import studio.atelier.app.running.OpenModel;
import studio.atelier.app.running.Question;
import studio.atelier.engine.CacheChoice;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.GenerationEvent;
import studio.atelier.engine.LoadProgress;
import studio.atelier.engine.ModelInfo;
import studio.atelier.engine.Statistics;

/** A model whose answers the test writes, word by word, from a thread of its own as the engine does. */
public final class ScriptedModel implements ModelOpener {
    /** Every question that was asked, in order. */
    public final BlockingQueue<Question> asked = new LinkedBlockingQueue<>();

    /** What is said of the model once it is open. */
    public ModelInfo info;

    /** Waits before each word. */
    public volatile long millisPerWord = 1;

    /** Stands for an endless answer: words come until somebody stops them. */
    public volatile boolean endless;

    /** Stops before the end of an answer, as if the next word were still being computed, until somebody stops it. */
    public volatile boolean holds;

    /** How it was asked to keep what it reads, when it was opened last. */
    public volatile CacheChoice cache = CacheChoice.AUTOMATIC;

    private volatile List<String> thoughts = List.of();
    private volatile List<String> words = List.of("Hello", " there.");

    /** Tokens of a prompt that were read with earlier answers, as its figures say. */
    public volatile int earlierTokens;

    /** What its figures say. */
    public volatile double tokensPerSecond = 61.4;

    public ScriptedModel(Path folder) {
        info = new ModelInfo(folder, "Starter", "deepseek_v3", "4-bit", 4096, 14_200_000, "CPU, 8 threads", false);
    }

    /** The words of all answers from now on. */
    public void says(String... answer) {
        words = List.of(answer);
    }

    /** What it thinks before each answer from now on. */
    public void thinks(String... before) {
        thoughts = List.of(before);
    }

    @Override
    public OpenModel open(Path folder, CacheChoice asked, Consumer<LoadProgress> progress) throws EngineException {
        cache = asked;
        if (!folder.equals(info.folder())) {
            throw new EngineException(
                    EngineException.Reason.MODEL_FOLDER_INCOMPLETE,
                    "The folder " + folder.getFileName() + " holds no config.json; choose the folder of a model.");
        }
        progress.accept(new LoadProgress(info.weightBytes() / 2, info.weightBytes()));
        return new OpenModel() {
            @Override
            public ModelInfo info() {
                return info;
            }

            @Override
            public Dialogue newDialogue() {
                return new Scripted();
            }

            @Override
            public void close() {}
        };
    }

    private final class Scripted implements Dialogue {
        private final AtomicBoolean cancelled = new AtomicBoolean();
        private int contextTokens;

        @Override
        public void answer(Question question, Consumer<GenerationEvent> sink) {
            asked.add(question);
            cancelled.set(false);
            Thread.ofVirtual().start(() -> speak(question, sink));
        }

        private void speak(Question question, Consumer<GenerationEvent> sink) {
            int prompt = question.turns().stream()
                                    .mapToInt(turn -> turn.text().length())
                                    .sum()
                            / 4
                    + 8
                    + earlierTokens;
            int reused = Math.max(earlierTokens, Math.min(contextTokens, prompt / 2));
            sink.accept(new GenerationEvent.Reading(reused, prompt, reused));
            sink.accept(new GenerationEvent.Reading(prompt, prompt, reused));
            int written = 0;
            for (String thought : thoughts) {
                if (cancelled.get() || !pause()) {
                    break;
                }
                sink.accept(new GenerationEvent.Reasoning(thought));
                sink.accept(new GenerationEvent.Written(figures(prompt, reused, ++written)));
            }
            do {
                for (String word : words) {
                    if (cancelled.get() || !pause()) {
                        sink.accept(new GenerationEvent.Finished(
                                GenerationEvent.FinishReason.CANCELLED, figures(prompt, reused, written)));
                        return;
                    }
                    written++;
                    sink.accept(new GenerationEvent.Text(word));
                    sink.accept(new GenerationEvent.Written(figures(prompt, reused, written)));
                }
            } while (endless);
            contextTokens = prompt + written;
            while (holds && !cancelled.get() && pause()) {
                // The next word is never ready.
            }
            sink.accept(
                    new GenerationEvent.Finished(GenerationEvent.FinishReason.STOP, figures(prompt, reused, written)));
        }

        private boolean pause() {
            try {
                Thread.sleep(millisPerWord);
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private Statistics figures(int prompt, int reused, int written) {
            return new Statistics(
                    prompt, reused, written, 182, 940, tokensPerSecond, prompt + written, info.contextLimit());
        }

        @Override
        public void cancel() {
            cancelled.set(true);
        }

        @Override
        public void close() {
            cancel();
        }
    }
}
