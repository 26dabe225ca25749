package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.record.MessageProperties;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SendPropertiesTest {
  private static long scan(String encoded) {
    return SendProperties.scan(encoded.getBytes(UTF_8));
  }

  @Test
  void theRegionGivesWayWhereThereIsNoRoom() {
    byte[] some = "K\u0001v".getBytes(UTF_8);
    assertThat(MessageProperties.parse(SendProperties.withRegion(some)))
        .isEqualTo(Map.of("K", "v", "MSG_REGION", "DefaultRegion"));
    byte[] many = ("K\u0001" + "v".repeat(MessageProperties.BYTES_MAX - 2)).getBytes(UTF_8);
    assertThat(SendProperties.withRegion(many)).isEqualTo(many);
  }

  @ParameterizedTest
  @CsvSource({
    "DELAY=3, true",
    "DELAY=0, false",
    "DELAYS=3, false",
    "TIMER_DELAY_MS=1, true",
    "TIMER_DELAY_SEC=1, true",
    "TIMER_DELIVER_MS=1, true",
    "TIMER_DELIVER_MT=1, false",
    "A=DELAY, false"
  })
  void whatAsksForADelayIsSeen(String pair, boolean delayed) {
    String encoded = "X\u0001y\u0002" + pair.replace('=', '\u0001') + "\u0002Z\u0001z";

    assertThat((scan(encoded) & SendProperties.DELAYED) != 0).isEqualTo(delayed);
  }

  @Test
  void onlyATrueHalfMessageIsTransactional() {
    assertThat(scan("TRAN_MSG\u0001true") & SendProperties.TRANSACTIONAL).isNotZero();
    assertThat(scan("TRAN_MSG\u0001false") & SendProperties.TRANSACTIONAL).isZero();
  }

  @Test
  void itAgreesWithTheFullParserOnAnything() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    String[] pieces = {
      "TAGS",
      "DELAY",
      "TRAN_MSG",
      "TIMER_DELAY_MS",
      "\u0001",
      "\u0002",
      "\u0001",
      "\u0002",
      "a",
      "true",
      "0",
      "ünï",
      "标签",
      ""
    };
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n > 0; n--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      byte[] encoded = text.toString().getBytes(UTF_8);
      Map<String, String> parsed = MessageProperties.parse(encoded);
      long scanned = SendProperties.scan(encoded);

      assertThat((int) scanned)
          .as("tag of %s, seed %d", text, seed)
          .isEqualTo(parsed.containsKey("TAGS") ? parsed.get("TAGS").hashCode() : 0);
      if (parsed.containsKey("TIMER_DELAY_MS")) {
        assertThat(scanned & SendProperties.DELAYED).as("%s, seed %d", text, seed).isNotZero();
      }
    }
  }

  @Test
  void findsWhereTheProducersIdLies() {
    assertThat(SendProperties.idAt(scan("UNIQ_KEY\u0001AB"))).isEqualTo(9);
    assertThat(SendProperties.idAt(scan("K\u0001v\u0002UNIQ_KEY\u0001AB\u0002"))).isEqualTo(13);
    assertThat(SendProperties.idAt(scan("UNIQ_KEY\u0001A\u0002UNIQ_KEY\u0001B"))).isEqualTo(20);
    assertThat(SendProperties.idAt(scan("UNIQ_KEX\u0001A"))).isZero();
    String far = "K\u0001" + "v".repeat(32_700) + "\u0002UNIQ_KEY\u0001A";
    assertThat(SendProperties.idAt(scan(far))).isEqualTo(32_712);
    assertThat(SendProperties.idAt(scan(far + "\u0002TAGS\u0001t"))).isEqualTo(32_712);
  }
}
