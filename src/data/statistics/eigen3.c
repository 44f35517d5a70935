/* eigen3.c - eigenvalues of a symmetric 3x3 matrix by cyclic Jacobi rotations. */
#include <math.h>

#include "alexnet/data.h"

#define EIGEN_SWEEPS 32 /* converges quadratically: 6 to 10 are enough for doubles */

/* Rotates rows and columns p, q of `a` so that a[p][q] becomes 0; `v` gathers the rotations. */
static void eigen_rotate(double a[3][3], double v[3][3], int p, int q)
{
    if (a[p][q] == 0.0)
        return;
    const double theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    const double t = copysign(1.0, theta) / (fabs(theta) + sqrt(theta * theta + 1.0));
    const double c = 1.0 / sqrt(t * t + 1.0), s = t * c;

    for (int k = 0; k < 3; ++k) {
        const double kp = a[k][p], kq = a[k][q];

        a[k][p] = c * kp - s * kq;
        a[k][q] = s * kp + c * kq;
    }
    for (int k = 0; k < 3; ++k) {
        const double pk = a[p][k], qk = a[q][k];

        a[p][k] = c * pk - s * qk;
        a[q][k] = s * pk + c * qk;
    }
    for (int k = 0; k < 3; ++k) {
        const double pk = v[p][k], qk = v[q][k];

        v[p][k] = c * pk - s * qk;
        v[q][k] = s * pk + c * qk;
    }
    a[p][q] = a[q][p] = 0.0;
}

static void eigen_swap(double values[3], double vectors[3][3], int i, int j)
{
    const double value = values[i];

    values[i] = values[j];
    values[j] = value;
    for (int k = 0; k < 3; ++k) {
        const double part = vectors[i][k];

        vectors[i][k] = vectors[j][k];
        vectors[j][k] = part;
    }
}

static void eigen_turn(double vector[3])
{
    int largest = 0;

    for (int k = 1; k < 3; ++k)
        if (fabs(vector[k]) > fabs(vector[largest]))
            largest = k;
    if (vector[largest] < 0.0)
        for (int k = 0; k < 3; ++k)
            vector[k] = -vector[k];
}

void alx_eigen3(double values[3], double vectors[3][3], const double matrix[3][3])
{
    double a[3][3];

    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j) {
            a[i][j] = matrix[i][j];
            vectors[i][j] = i == j;
        }
    for (int sweep = 0; sweep < EIGEN_SWEEPS; ++sweep) {
        eigen_rotate(a, vectors, 0, 1);
        eigen_rotate(a, vectors, 0, 2);
        eigen_rotate(a, vectors, 1, 2);
    }
    for (int i = 0; i < 3; ++i)
        values[i] = a[i][i];
    for (int i = 0; i < 2; ++i) /* the largest of the rest moves up */
        for (int j = i + 1; j < 3; ++j)
            if (values[j] > values[i])
                eigen_swap(values, vectors, i, j);
    for (int i = 0; i < 3; ++i)
        eigen_turn(vectors[i]);
}
