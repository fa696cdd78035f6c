package studio.atelier.app.script;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.library.Message;

/**
 * A conversation as a person might have it, with everything that the page can show.
 *
 * @param model the folder's name
 * @param titles of earlier conversations, the latest first: three of today, the others of yesterday
 */
public record SampleChat(String model, List<String> titles, String question, String thoughts, String answer) {
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
                "DeepSeek-V3-0324",
                List.of(
                        "Endless runner in p5.js",
                        "Read the whole repository",
                        "Reply to the landlord",
                        "Lecture notes, week 6",
                        "Poem in Song ci metre",
                        "Bread at 75 % hydration"),
                "Compare this model’s KV cache with plain multi-head attention at 8K, 32K and 128K tokens."
                        + " Formula, table, then a Java helper.",
                "The question asks for three lengths. Per token MLA stores 512 + 64 values in each of 61 layers, two"
                        + " bytes each. For plain attention I need 128 heads with 192 + 128 values.",
                """
                Latent attention keeps **one compressed vector and one shared rotary key** per layer and token, \
                instead of full keys and values for 128 heads. With 61 layers, $d_\\mathrm{c} = 512$ and \
                $d_\\mathrm{r} = 64$ in bf16:

                $$B_\\text{token} = 2 \\cdot L \\cdot (d_\\mathrm{c} + d_\\mathrm{r}) = 2 \\cdot 61 \\cdot (512 + 64) = 70{,}272\\ \\text{bytes}$$

                | Context | MLA, this model | Multi-head | Smaller by | Share of the weights |
                |:--|--:|--:|--:|:--|
                | 8,192 | 0.58 GB | 40.9 GB | 71 × | 0.2 % |
                | 32,768 | 2.30 GB | 163.7 GB | 71 × | 0.6 % |
                | 131,072 | 9.21 GB | 655.0 GB | 71 × | 2.4 % |

                ```java
                /** Bytes of latent cache for one sequence, stored as bf16. */
                static long latentCacheBytes(int layers, int latent, int rope, long tokens) {
                    return 2L * layers * (latent + rope) * tokens;
                }

                var gb = latentCacheBytes(61, 512, 64, 131_072) / 1e9;   // 9.2
                ```

                So at full length the cache costs about 2.4 % of the weights. Plain multi-head attention would need \
                655 GB for the same text, which is why\
                """);
    }

    private static SampleChat chinese() {
        return new SampleChat(
                "DeepSeek-V3-0324",
                List.of("p5.js 跑酷小游戏", "通读整个代码仓库", "给房东的回信", "第六周讲义", "一首宋词《鹧鸪天》", "75% 含水量的面包"),
                "比较本模型的 KV 缓存与普通多头注意力在 8K、32K、128K 词元时的大小。先公式，再表格，最后给一个 Java 方法。",
                "问题要三种长度。每个词元在 61 层中各存 512 + 64 个数，每个两字节。",
                """
                MLA 在每一层只保存**一个压缩后的潜向量和一个共享的旋转键**，而不是所有注意力头的完整键与值。本模型共 61 层，\
                $d_\\mathrm{c} = 512$，$d_\\mathrm{r} = 64$，以 bf16 存储：

                $$B_\\text{token} = 2 \\cdot L \\cdot (d_\\mathrm{c} + d_\\mathrm{r}) = 2 \\cdot 61 \\cdot (512 + 64) = 70{,}272\\ \\text{字节}$$

                | 上下文 | MLA（本模型） | 普通多头 | 缩小倍数 | 相当于权重的 |
                |:--|--:|--:|--:|:--|
                | 8,192 | 0.58 GB | 40.9 GB | 71 × | 0.2% |
                | 32,768 | 2.30 GB | 163.7 GB | 71 × | 0.6% |
                | 131,072 | 9.21 GB | 655.0 GB | 71 × | 2.4% |

                ```java
                /** 单个序列的潜向量缓存字节数，bf16 存储。 */
                static long latentCacheBytes(int layers, int latent, int rope, long tokens) {
                    return 2L * layers * (latent + rope) * tokens;
                }

                var gb = latentCacheBytes(61, 512, 64, 131_072) / 1e9;   // 9.2
                ```

                因此上下文写满时，缓存只相当于权重的约 2.4%。同样的文本若用普通多头注意力需要 655 GB，这也是\
                """);
    }
}
