package studio.atelier.app.script;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.library.Message;

/**
 * A conversation as a person might have it, with everything that the page can show.
 *
 * @param titles of earlier conversations, the latest first: three of today, the others of yesterday
 */
public record SampleChat(
        List<String> titles,
        String title,
        String systemPrompt,
        String question,
        String answer,
        String lastWords,
        String draft) {
    private static final int OF_TODAY = 3;

    public static SampleChat in(Language language) {
        return switch (language) {
            case ENGLISH -> english();
            case SIMPLIFIED_CHINESE -> chinese();
        };
    }

    /** Fills the list at the left. */
    public void putEarlierChats(MemoryArchive archive, Instant now) {
        for (int i = 0; i < titles.size(); i++) {
            Duration ago = i < OF_TODAY ? Duration.ofHours(1 + i) : Duration.ofHours(20 + i);
            archive.put(titles.get(i), now.minus(ago), Message.fromPerson(0, titles.get(i)));
        }
    }

    private static SampleChat english() {
        return new SampleChat(
                List.of(
                        "Endless runner in p5.js",
                        "Read the whole repository",
                        "Reply to the landlord",
                        "Lecture notes, week 6",
                        "Poem in Song ci metre",
                        "Bread at 75 % hydration"),
                "KV cache: MLA against MHA",
                "Use SI units, name every assumption, and say when a number is a guess.",
                "Compare this model’s KV cache with plain multi-head attention at 8K, 32K and 128K tokens."
                        + " Formula, table, then a Java helper.",
                """
                Latent attention keeps **one compressed vector and one shared rotary key** per layer and token, \
                instead of full keys and values for 16 heads. With 27 layers, $d_\\mathrm{c} = 512$ and \
                $d_\\mathrm{r} = 64$ in bf16:

                $$B_\\text{token} = 2 \\cdot L \\cdot (d_\\mathrm{c} + d_\\mathrm{r}) \
                = 2 \\cdot 27 \\cdot (512 + 64) = 31{,}104\\ \\text{bytes}$$

                | Context | MLA, this model | Multi-head | Smaller by | Share of the weights |
                |:--|--:|--:|--:|:--|
                | 8,192 | 0.25 GB | 2.3 GB | 8.9 × | 3 % |
                | 32,768 | 1.02 GB | 9.1 GB | 8.9 × | 12 % |
                | 131,072 | 4.08 GB | 36.2 GB | 8.9 × | 46 % |

                ```java
                /** Bytes of latent cache for one sequence, stored as bf16. */
                static long latentCacheBytes(int layers, int latent, int rope, long tokens) {
                    return 2L * layers * (latent + rope) * tokens;
                }

                var gb = latentCacheBytes(27, 512, 64, 131_072) / 1e9;   // 4.08
                ```

                So at full length the cache costs about half as much as the weights. Plain multi-head attention would \
                need 36 GB for the same text, four times the model itself, which is why\
                """,
                "which is why",
                "Now mark every row of the table that would not fit into 16 GB.");
    }

    private static SampleChat chinese() {
        return new SampleChat(
                List.of("p5.js 跑酷小游戏", "通读整个代码仓库", "给房东的回信", "第六周讲义", "一首宋词《鹧鸪天》", "75% 含水量的面包"),
                "KV 缓存：MLA 与 MHA 对比",
                "使用国际单位，写明每一个假设；凡是猜测的数字都要说明。",
                "比较本模型的 KV 缓存与普通多头注意力在 8K、32K、128K 词元时的大小。先公式，再表格，最后给一个 Java 方法。",
                """
                MLA 在每一层只保存**一个压缩后的潜向量和一个共享的旋转键**，而不是 16 个注意力头的完整键与值。本模型共 27 层，\
                $d_\\mathrm{c} = 512$，$d_\\mathrm{r} = 64$，以 bf16 存储：

                $$B_\\text{token} = 2 \\cdot L \\cdot (d_\\mathrm{c} + d_\\mathrm{r}) \
                = 2 \\cdot 27 \\cdot (512 + 64) = 31{,}104\\ \\text{字节}$$

                | 上下文 | MLA（本模型） | 普通多头 | 缩小倍数 | 相当于权重的 |
                |:--|--:|--:|--:|:--|
                | 8,192 | 0.25 GB | 2.3 GB | 8.9 × | 3% |
                | 32,768 | 1.02 GB | 9.1 GB | 8.9 × | 12% |
                | 131,072 | 4.08 GB | 36.2 GB | 8.9 × | 46% |

                ```java
                /** 单个序列的潜向量缓存字节数，bf16 存储。 */
                static long latentCacheBytes(int layers, int latent, int rope, long tokens) {
                    return 2L * layers * (latent + rope) * tokens;
                }

                var gb = latentCacheBytes(27, 512, 64, 131_072) / 1e9;   // 4.08
                ```

                因此上下文写满时，缓存约为权重的一半。同样的文本若用普通多头注意力需要 36 GB，这也是\
                """,
                "这也是",
                "请把表格中 16 GB 内存放不下的行标出来。");
    }
}
