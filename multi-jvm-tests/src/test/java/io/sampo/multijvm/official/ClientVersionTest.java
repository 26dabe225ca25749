package io.sampo.multijvm.official;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That the tests really run with two different official clients. */
class ClientVersionTest {
  @ParameterizedTest
  @EnumSource
  void theClientIsTheVersionThatTheBuildAskedFor(ClientVersion version) {
    assertThat(version.client().version()).isEqualTo(version.wantedVersion());
  }

  @Test
  void noClientIsOnTheClassPathOfTheTests() {
    assertThatThrownBy(() -> Class.forName("org.apache.rocketmq.client.ClientConfig"))
        .isInstanceOf(ClassNotFoundException.class);
  }
}
